"""What the mentions of a report say about each other: which are one figure, which value stands,
what adds up, which rate follows from its parts, and what contradicts.

Everything is reckoned from mentions; the text of the report is not looked at again.
"""
