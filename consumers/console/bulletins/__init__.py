"""Bulletins and statistics: as issued, as counted so far, the cases behind each number, contests, files."""
