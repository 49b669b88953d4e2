"""The command line: thin, honest about failure, never a traceback for what people can mend."""
