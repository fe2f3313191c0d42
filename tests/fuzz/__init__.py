"""Files of every format that are damaged or made up, thousands of them: `python -m tests.fuzz`."""
