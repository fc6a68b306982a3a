"""Notices (通知公告): to units or kinds of unit, with receipts of reading; withdrawn, never deleted."""
