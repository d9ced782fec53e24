"""Bills of materials of many levels, judged from the bottom up."""
