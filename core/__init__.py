"""The model: who pays whom, who fails, who loses. Numpy only; never a page."""
