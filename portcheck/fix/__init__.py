"""From findings to changed files: edits through libcst and spans, proved one by one before anything is written."""
