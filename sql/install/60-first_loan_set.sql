-- first_loan_set: each borrower's first borrowing

CREATE TYPE first_loan_set;

CREATE FUNCTION first_loan_set_in(cstring) RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_in(cstring) IS 'text input';

CREATE FUNCTION first_loan_set_out(first_loan_set) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_out(first_loan_set) IS 'text output';

CREATE FUNCTION first_loan_set_recv(internal) RETURNS first_loan_set
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_recv(internal) IS 'binary input';

CREATE FUNCTION first_loan_set_send(first_loan_set) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_send(first_loan_set) IS 'binary output';

CREATE TYPE first_loan_set (
	INPUT = first_loan_set_in,
	OUTPUT = first_loan_set_out,
	RECEIVE = first_loan_set_recv,
	SEND = first_loan_set_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE first_loan_set IS
	'each borrower''s first borrowing: made by first_loan_set(), united by merge(), read by borrowers(), refs(), members()';

CREATE FUNCTION first_loan_set_eq(first_loan_set, first_loan_set) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_eq(first_loan_set, first_loan_set) IS
	'do two sets of the same types hold the same members?';

CREATE FUNCTION first_loan_set_ne(first_loan_set, first_loan_set) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_set_ne(first_loan_set, first_loan_set) IS
	'do two sets differ in type or members?';

CREATE OPERATOR = (
	LEFTARG = first_loan_set, RIGHTARG = first_loan_set,
	FUNCTION = first_loan_set_eq,
	COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel
);
COMMENT ON OPERATOR = (first_loan_set, first_loan_set) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = first_loan_set, RIGHTARG = first_loan_set,
	FUNCTION = first_loan_set_ne,
	COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (first_loan_set, first_loan_set) IS 'not equal';

CREATE TYPE institution_households AS (
	institution text,
	households bigint
);
COMMENT ON TYPE institution_households IS
	'an institution and the number of first-loan households it won';

-- Readers.  STABLE: text forms and the day of a timestamptz follow settings.

CREATE FUNCTION cardinality(first_loan_set) RETURNS bigint
	AS 'MODULE_PATHNAME', 'first_loan_set_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cardinality(first_loan_set) IS 'number of borrowers';

CREATE FUNCTION borrowers(first_loan_set) RETURNS text[]
	AS 'MODULE_PATHNAME', 'first_loan_set_borrowers'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrowers(first_loan_set) IS
	'borrowers as text, in the order of their first borrowings';

CREATE FUNCTION borrowers(first_loan_set, period daterange) RETURNS text[]
	AS 'MODULE_PATHNAME', 'first_loan_set_borrowers'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrowers(first_loan_set, daterange) IS
	'borrowers as text, in the order of their first borrowings, of those that fall in the period';

CREATE FUNCTION refs(first_loan_set) RETURNS text[]
	AS 'MODULE_PATHNAME', 'first_loan_set_refs'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION refs(first_loan_set) IS
	'references of the first borrowings as text, by (granted_on, ref)';

CREATE FUNCTION refs(first_loan_set, period daterange) RETURNS text[]
	AS 'MODULE_PATHNAME', 'first_loan_set_refs'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION refs(first_loan_set, daterange) IS
	'references of the first borrowings as text, by (granted_on, ref), of those that fall in the period';

CREATE FUNCTION members(first_loan_set,
	OUT borrower text, OUT granted_on date, OUT ref text,
	OUT institution text, OUT eligible boolean, OUT granted_at timestamp)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'first_loan_set_members'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION members(first_loan_set) IS
	'a row for each first borrowing, by (granted_on, ref)';

CREATE FUNCTION first_loan_count(first_loan_set) RETURNS institution_households[]
	AS 'MODULE_PATHNAME', 'first_loan_set_counts'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count(first_loan_set) IS
	'eligible first-loan households by institution, of a set that holds institutions';

CREATE FUNCTION members(first_loan_set, period daterange,
	OUT borrower text, OUT granted_on date, OUT ref text,
	OUT institution text, OUT eligible boolean, OUT granted_at timestamp)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'first_loan_set_members'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION members(first_loan_set, daterange) IS
	'a row for each first borrowing that fall in the period, by (granted_on, ref)';

CREATE FUNCTION first_loan_count(first_loan_set, period daterange) RETURNS institution_households[]
	AS 'MODULE_PATHNAME', 'first_loan_set_counts'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_count(first_loan_set, daterange) IS
	'eligible first-loan households by institution, of a set that holds institutions';
