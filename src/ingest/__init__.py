"""Reads self-evaluation reports of county medical-security bureaus into tidy tables.

The rooms, from the ground up; each imports only from those before it:

* `records` and `printed`: what passes between the stages, and how numbers are printed;
* `documents`: from a report file to one text with its blocks;
* `codebook`: the indicators, words and constructions, which are data;
* `identifying`: whose report it is, and of which year;
* `reading`: from text to mentions, by the words and constructions of the codebook;
* `judging`: what mentions say about each other;
* `reviewing`: what is missing, doubtful, corrected, and how good the reading is;
* `output`: the tables;
* `running`: processes, and what is kept for the next run;
* `pipeline`: the order of the stages;
* `commands`: what `ingest` does for its users, and `__main__`, which takes their words.
"""
