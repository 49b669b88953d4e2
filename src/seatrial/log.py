"""Logs: one JSON object a line, or text for people, with every secret blacked out."""

import logging
import re
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = re.compile(
    r"\b(st[a-z]_)[A-Za-z0-9_-]{8,}"
    r"|(?i:\b((?:bearer|basic)\s+))[A-Za-z0-9._~+/=-]+"
    r"|\b((?:signature|token|password|secret)=|(?<=[?&])(?:code|state)=)[^&\s\"']+"
    r"|\b(eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"  # a JSON Web Token
    # Links that let somebody in by what is in their path.
    r"|(/(?:setup|password|invitation|unsubscribe|v1/invitations|v1/download)/)[^/\s?\"']+"
)


def redact(text: str) -> str:
    """Black out tokens, credentials, URL signatures, and the secret part of links that let people in."""
    return _SECRET.sub(lambda match: next(filter(None, match.groups())) + "…", text)


def _redacted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(level: str = "INFO", form: Literal["json", "text"] = "json") -> None:
    """Send this process's logs, the libraries' ones too, to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redacted,
    ]
    last: Processor = structlog.processors.JSONRenderer()
    if form == "text":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
