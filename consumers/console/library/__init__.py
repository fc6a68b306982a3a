"""The library (法律法规、典型案例): the tables of the law with an anchor for each article, and published cases."""
