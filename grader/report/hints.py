"""What a teacher may do next where the answer itself was not the reason: by outcome, the same for every exercise.

The hints for mistakes stand in the exercise's records.
"""

from __future__ import annotations

HINTS = {
    "explanation missing": "The code is done; the sentence that explains it is what is still to come.",
    "check cell changed": "Copy the cell back from the task notebook, and talk about what the check is for.",
    "raised": "Read the error's last line together. Does the cell run on its own, after a restart?",
    "too slow": "Look for a loop that never ends, or one over elements where an array operation would do.",
    "killed": "Something ended the whole process: does it call exit, or code that is not Python's?",
    "out of memory": "How large are the arrays that it builds, and which of them does every layer keep?",
    "out of threads": "Does every layer start threads of its own, and keep them?",
    "out of processes": "Does every layer start processes of its own, and keep them?",
    "out of files": "Does every layer open files, and leave them open?",
    "out of disk space": "How much does it write into files?",
    "no cell": "The tag was lost and no cell defines the class: a fresh copy of the notebook is the quickest way.",
    "bad notebook": "Ask for the file again; the sentence says which part of it cannot be read.",
    "grader error": "Ours, not theirs: give the same command again, and tell us if it stays.",
}
