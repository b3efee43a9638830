"""How well predictions agree with outcomes: plain functions on arrays.

One file per idea. Every function takes outcomes and predictions as one-dimensional arrays with
one row per case, and returns a number, or a small frozen result with the estimate, its interval,
the method's name and the number of rows.

Undefined statistics follow one rule:

- Input that cannot be used (unequal lengths, missing values, labels other than 0 and 1) is a
  `UserError`.
- A function whose only answer is undefined for sound input (one class, no events, all values
  tied, fewer than two patients) raises `UndefinedStatisticError`, a `UserError` that says why.
- A result of several parts holds `NotApplicable(reason)` in place of each part that is undefined.
- `attempt` turns the second case into the third, for tables.

NaN is never returned. Nothing here fits a model; thresholds and calibrators chosen with these
functions must be chosen on training data.
"""
