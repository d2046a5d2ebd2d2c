"""What a submission finds in the place of this package: nothing."""

raise ModuleNotFoundError("No module named 'grader'", name="grader")
