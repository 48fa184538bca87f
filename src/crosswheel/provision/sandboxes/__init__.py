"""Where commands of a build run."""
