-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION first_loan UPDATE TO '0.2.0'" to load this file. \quit

-- What 0.2.0 changes in objects of 0.1.0 comes here; what it adds follows, from
-- the same parts as the install script.

ALTER FUNCTION first_loan_set_accum(first_loan_set, anyelement, date, anycompatible) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible, boolean) COST 10;
ALTER FUNCTION first_loan_set_accum(first_loan_set, anyelement, date, anycompatible, daterange) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible, boolean, daterange) COST 10;
ALTER FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamp, anycompatible) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean) COST 10;
ALTER FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamp, anycompatible, daterange) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean, daterange) COST 10;
ALTER FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamptz, anycompatible) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean) COST 10;
ALTER FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamptz, anycompatible, daterange) COST 10;
ALTER FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean, daterange) COST 10;

