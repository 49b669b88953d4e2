"""What a build file is: one door, `parse`, and one file per format behind it."""
