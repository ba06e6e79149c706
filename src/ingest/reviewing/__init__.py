"""What is left for a person: figures that are missing and why, figures to look at first, known
errors to correct, and how good the reading is against a hand-made truth.
"""
