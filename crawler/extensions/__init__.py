"""Extensions: progress and the summary of a run."""
