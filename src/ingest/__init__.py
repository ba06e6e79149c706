"""Reads self-evaluation reports of county medical-security bureaus into tidy tables.

The rooms, from the ground up; each imports only from those before it:

* `records` and `printed`: what passes between the stages, and how numbers are printed;
* `documents`: from a report file to one text with its blocks;
* `definitions`: the codebook and the context words, which are data;
* `identifying`: whose report it is, and of which year;
* reading, from text to mentions: `mentions` of `prose`, `forms`, `flattened` and `crossread`.
  A sentence is read by `clauses` (what belongs to what) with `lists`, `naming` (which indicator),
  `dimensions` (of whom, when, goal or result) and `figures` (all of it, or a refusal);
* `judging`: what mentions say about each other;
* `reviewing`: what is missing, doubtful, corrected, and how good the reading is;
* `output`: the tables;
* `running`: processes, and what is kept for the next run;
* `pipeline`: the order of the stages;
* `commands`: what `ingest` does for its users, and `__main__`, which takes their words.
"""
