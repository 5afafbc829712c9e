-- Aggregates over borrowings.  One for each type of granted_on, so that a
-- literal is read as a date and a moment is compared as a moment.
-- COST 10: to add a row takes about ten times as long as to add an integer to a
-- sum.

CREATE FUNCTION first_loan_set_combine(first_loan_set, first_loan_set)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_combine(first_loan_set, first_loan_set) IS
	'combine function of the first-loan aggregates';

CREATE AGGREGATE merge(first_loan_set) (
	SFUNC = first_loan_set_combine,
	STYPE = first_loan_set,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE merge(first_loan_set) IS
	'one set from many: each borrower''s first borrowing of all';

CREATE FUNCTION first_loan_set_accum(first_loan_set, anyelement, date, anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_set_accum(first_loan_set, anyelement, date, anycompatible) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_final(first_loan_set, anyelement, date, anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_final(first_loan_set, anyelement, date, anycompatible) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on date, ref anycompatible) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, date, anycompatible) IS
	'each borrowers first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, date, "any", anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, date, "any", anycompatible) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on date, institution "any", ref anycompatible) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_institution_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, date, "any", anycompatible) IS
	'each borrower''s first borrowing and its institution';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible, boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible, boolean) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, date, "any", anycompatible, boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, date, "any", anycompatible, boolean) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on date, institution "any", ref anycompatible, eligible boolean) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_institution_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, date, "any", anycompatible, boolean) IS
	'each borrower''s first borrowing, its institution and whether it is eligible';

CREATE FUNCTION first_loan_refs_final(first_loan_set, anyelement, date, anycompatible)
	RETURNS anycompatiblearray
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_refs_final(first_loan_set, anyelement, date, anycompatible) IS
	'final function of first_loan_refs';

CREATE AGGREGATE first_loan_refs(borrower anyelement, granted_on date, ref anycompatible) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_refs_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_refs(anyelement, date, anycompatible) IS
	'references of each borrower''s first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_set_accum(first_loan_set, anyelement, date, anycompatible, daterange)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_set_accum(first_loan_set, anyelement, date, anycompatible, daterange) IS
	'transition function of first_loan_refs';

CREATE FUNCTION first_loan_refs_final(first_loan_set, anyelement, date, anycompatible, daterange)
	RETURNS anycompatiblearray
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_refs_final(first_loan_set, anyelement, date, anycompatible, daterange) IS
	'final function of first_loan_refs';

CREATE AGGREGATE first_loan_refs(borrower anyelement, granted_on date, ref anycompatible, period daterange) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_refs_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_refs(anyelement, date, anycompatible, daterange) IS
	'references of the first borrowings that fall in the period, by (granted_on, ref)';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, date, "any", anycompatible)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, date, "any", anycompatible) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on date, institution "any", ref anycompatible) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, date, "any", anycompatible) IS
	'first-loan households by institution';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, date, "any", anycompatible, boolean)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, date, "any", anycompatible, boolean) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on date, institution "any", ref anycompatible, eligible boolean) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, date, "any", anycompatible, boolean) IS
	'eligible first-loan households by institution';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible, boolean, daterange)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, date, "any", anycompatible, boolean, daterange) IS
	'transition function of first_loan_count';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, date, "any", anycompatible, boolean, daterange)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, date, "any", anycompatible, boolean, daterange) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on date, institution "any", ref anycompatible, eligible boolean, period daterange) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, date, "any", anycompatible, boolean, daterange) IS
	'eligible first-loan households of the period by institution';

CREATE FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamp, anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamp, anycompatible) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_final(first_loan_set, anyelement, timestamp, anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_final(first_loan_set, anyelement, timestamp, anycompatible) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on timestamp, ref anycompatible) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, timestamp, anycompatible) IS
	'each borrowers first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamp, "any", anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamp, "any", anycompatible) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_institution_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, timestamp, "any", anycompatible) IS
	'each borrower''s first borrowing and its institution';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible, eligible boolean) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_institution_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, timestamp, "any", anycompatible, boolean) IS
	'each borrower''s first borrowing, its institution and whether it is eligible';

CREATE FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamp, anycompatible)
	RETURNS anycompatiblearray
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamp, anycompatible) IS
	'final function of first_loan_refs';

CREATE AGGREGATE first_loan_refs(borrower anyelement, granted_on timestamp, ref anycompatible) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_refs_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_refs(anyelement, timestamp, anycompatible) IS
	'references of each borrower''s first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamp, anycompatible, daterange)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamp, anycompatible, daterange) IS
	'transition function of first_loan_refs';

CREATE FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamp, anycompatible, daterange)
	RETURNS anycompatiblearray
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamp, anycompatible, daterange) IS
	'final function of first_loan_refs';

CREATE AGGREGATE first_loan_refs(borrower anyelement, granted_on timestamp, ref anycompatible, period daterange) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_refs_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_refs(anyelement, timestamp, anycompatible, daterange) IS
	'references of the first borrowings that fall in the period, by (granted_on, ref)';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamp, "any", anycompatible)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamp, "any", anycompatible) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, timestamp, "any", anycompatible) IS
	'first-loan households by institution';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible, eligible boolean) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, timestamp, "any", anycompatible, boolean) IS
	'eligible first-loan households by institution';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean, daterange)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean, daterange) IS
	'transition function of first_loan_count';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean, daterange)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamp, "any", anycompatible, boolean, daterange) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible, eligible boolean, period daterange) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, timestamp, "any", anycompatible, boolean, daterange) IS
	'eligible first-loan households of the period by institution';

CREATE FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamptz, anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamptz, anycompatible) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_final(first_loan_set, anyelement, timestamptz, anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_final(first_loan_set, anyelement, timestamptz, anycompatible) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on timestamptz, ref anycompatible) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, timestamptz, anycompatible) IS
	'each borrowers first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamptz, "any", anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamptz, "any", anycompatible) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_institution_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, timestamptz, "any", anycompatible) IS
	'each borrower''s first borrowing and its institution';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean) IS
	'transition function of first_loan_set';

CREATE FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_institution_final(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean) IS
	'final function of first_loan_set';

CREATE AGGREGATE first_loan_set(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible, eligible boolean) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_set_institution_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_set(anyelement, timestamptz, "any", anycompatible, boolean) IS
	'each borrower''s first borrowing, its institution and whether it is eligible';

CREATE FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamptz, anycompatible)
	RETURNS anycompatiblearray
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamptz, anycompatible) IS
	'final function of first_loan_refs';

CREATE AGGREGATE first_loan_refs(borrower anyelement, granted_on timestamptz, ref anycompatible) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_refs_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_refs(anyelement, timestamptz, anycompatible) IS
	'references of each borrower''s first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamptz, anycompatible, daterange)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_set_accum(first_loan_set, anyelement, timestamptz, anycompatible, daterange) IS
	'transition function of first_loan_refs';

CREATE FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamptz, anycompatible, daterange)
	RETURNS anycompatiblearray
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_refs_final(first_loan_set, anyelement, timestamptz, anycompatible, daterange) IS
	'final function of first_loan_refs';

CREATE AGGREGATE first_loan_refs(borrower anyelement, granted_on timestamptz, ref anycompatible, period daterange) (
	SFUNC = first_loan_set_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_refs_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_refs(anyelement, timestamptz, anycompatible, daterange) IS
	'references of the first borrowings that fall in the period, by (granted_on, ref)';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamptz, "any", anycompatible)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamptz, "any", anycompatible) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, timestamptz, "any", anycompatible) IS
	'first-loan households by institution';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible, eligible boolean) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, timestamptz, "any", anycompatible, boolean) IS
	'eligible first-loan households by institution';

CREATE FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean, daterange)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION first_loan_count_accum(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean, daterange) IS
	'transition function of first_loan_count';

CREATE FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean, daterange)
	RETURNS institution_households[]
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count_final(first_loan_set, anyelement, timestamptz, "any", anycompatible, boolean, daterange) IS
	'final function of first_loan_count';

CREATE AGGREGATE first_loan_count(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible, eligible boolean, period daterange) (
	SFUNC = first_loan_count_accum,
	STYPE = first_loan_set,
	SSPACE = 2048,
	FINALFUNC = first_loan_count_final,
	FINALFUNC_EXTRA,
	COMBINEFUNC = first_loan_set_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE first_loan_count(anyelement, timestamptz, "any", anycompatible, boolean, daterange) IS
	'eligible first-loan households of the period by institution';
