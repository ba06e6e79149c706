"""From records to files: the tables, their description, the workbook and the datasets, put in place
all of them or none.
"""
