-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION first_loan" to load this file. \quit


-- Analysts and BI tools connect as ordinary roles.
GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;

-- uscc: unified social credit code

CREATE TYPE uscc;

CREATE FUNCTION uscc_in(cstring) RETURNS uscc
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc_in(cstring) IS 'I/O';

CREATE FUNCTION uscc_out(uscc) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc_out(uscc) IS 'I/O';

CREATE FUNCTION uscc_recv(internal) RETURNS uscc
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc_recv(internal) IS 'I/O';

CREATE FUNCTION uscc_send(uscc) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc_send(uscc) IS 'I/O';

CREATE TYPE uscc (
	INPUT = uscc_in,
	OUTPUT = uscc_out,
	RECEIVE = uscc_recv,
	SEND = uscc_send,
	INTERNALLENGTH = 12,
	ALIGNMENT = char,
	STORAGE = plain
);
COMMENT ON TYPE uscc IS 'unified social credit code (GB 32100-2015), 18 characters in 12 bytes; sorts as its text in the C collation';

-- casts

CREATE FUNCTION uscc(text) RETURNS uscc
	AS 'MODULE_PATHNAME', 'uscc_from_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc(text) IS 'convert text to uscc';

CREATE FUNCTION uscc_to_text(uscc) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc_to_text(uscc) IS 'convert uscc to text';

CREATE CAST (text AS uscc) WITH FUNCTION uscc(text);
COMMENT ON CAST (text AS uscc) IS 'explicit, as for all types that refuse some texts';

CREATE CAST (uscc AS text) WITH FUNCTION uscc_to_text(uscc) AS ASSIGNMENT;
COMMENT ON CAST (uscc AS text) IS 'the 18 characters';

-- comparison

CREATE FUNCTION uscc_eq(uscc, uscc) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_eq(uscc, uscc) IS 'implementation of = operator';

CREATE FUNCTION uscc_ne(uscc, uscc) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_ne(uscc, uscc) IS 'implementation of <> operator';

CREATE FUNCTION uscc_lt(uscc, uscc) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_lt(uscc, uscc) IS 'implementation of < operator';

CREATE FUNCTION uscc_le(uscc, uscc) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_le(uscc, uscc) IS 'implementation of <= operator';

CREATE FUNCTION uscc_gt(uscc, uscc) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_gt(uscc, uscc) IS 'implementation of > operator';

CREATE FUNCTION uscc_ge(uscc, uscc) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_ge(uscc, uscc) IS 'implementation of >= operator';

CREATE FUNCTION uscc_cmp(uscc, uscc) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_cmp(uscc, uscc) IS 'btree comparison: negative, 0 or positive';

CREATE FUNCTION uscc_sortsupport(internal) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION uscc_sortsupport(internal) IS 'sort support';

CREATE FUNCTION uscc_hash(uscc) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_hash(uscc) IS 'hash';

CREATE FUNCTION uscc_hash_extended(uscc, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_hash_extended(uscc, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = uscc, RIGHTARG = uscc, FUNCTION = uscc_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR = (uscc, uscc) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = uscc, RIGHTARG = uscc, FUNCTION = uscc_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (uscc, uscc) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = uscc, RIGHTARG = uscc, FUNCTION = uscc_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (uscc, uscc) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = uscc, RIGHTARG = uscc, FUNCTION = uscc_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (uscc, uscc) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = uscc, RIGHTARG = uscc, FUNCTION = uscc_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (uscc, uscc) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = uscc, RIGHTARG = uscc, FUNCTION = uscc_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (uscc, uscc) IS 'greater than or equal';

CREATE OPERATOR CLASS uscc_ops DEFAULT FOR TYPE uscc USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 uscc_cmp(uscc, uscc),
	FUNCTION 2 uscc_sortsupport(internal),
	FUNCTION 4 btequalimage(oid);

CREATE OPERATOR CLASS uscc_ops DEFAULT FOR TYPE uscc USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 uscc_hash(uscc),
	FUNCTION 2 uscc_hash_extended(uscc, bigint);

CREATE FUNCTION uscc_smaller(uscc, uscc) RETURNS uscc
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_smaller(uscc, uscc) IS 'smaller of two';

CREATE FUNCTION uscc_larger(uscc, uscc) RETURNS uscc
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION uscc_larger(uscc, uscc) IS 'larger of two';

CREATE AGGREGATE min(uscc) (
	SFUNC = uscc_smaller, STYPE = uscc, COMBINEFUNC = uscc_smaller,
	SORTOP = <, PARALLEL = SAFE
);
COMMENT ON AGGREGATE min(uscc) IS 'minimum value of all uscc input values';

CREATE AGGREGATE max(uscc) (
	SFUNC = uscc_larger, STYPE = uscc, COMBINEFUNC = uscc_larger,
	SORTOP = >, PARALLEL = SAFE
);
COMMENT ON AGGREGATE max(uscc) IS 'maximum value of all uscc input values';

-- what a code says

CREATE FUNCTION has_valid_check(uscc) RETURNS boolean
	AS 'MODULE_PATHNAME', 'uscc_has_valid_check' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION has_valid_check(uscc) IS 'is the check character right? Lawful codes of early pilot areas fail: a warning, no reason to drop a household';

CREATE FUNCTION area(uscc) RETURNS text
	AS 'MODULE_PATHNAME', 'uscc_area' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION area(uscc) IS 'area of registration, 6 digits (GB/T 2260), characters 3-8';

-- pg_catalog has area(box), area(circle) and area(path): without this one, a
-- bare literal could be any of them
CREATE FUNCTION area(unknown) RETURNS text
	AS 'MODULE_PATHNAME', 'uscc_area_unknown' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION area(unknown) IS 'the same for a literal';

CREATE FUNCTION organisation_code(uscc) RETURNS text
	AS 'MODULE_PATHNAME', 'uscc_organisation_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION organisation_code(uscc) IS 'organisation code (GB 11714), characters 9-17';

CREATE FUNCTION uscc_problem(text) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION uscc_problem(text) IS 'NULL where the text is a well-formed code with a good check character, else the reason in words; never an error';

-- loan_security: the set of kinds of security behind a loan

CREATE TYPE loan_security;

CREATE FUNCTION loan_security_in(cstring) RETURNS loan_security
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_in(cstring) IS 'I/O';

CREATE FUNCTION loan_security_out(loan_security) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_out(loan_security) IS 'I/O';

CREATE FUNCTION loan_security_recv(internal) RETURNS loan_security
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_recv(internal) IS 'I/O';

CREATE FUNCTION loan_security_send(loan_security) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_send(loan_security) IS 'I/O';

CREATE TYPE loan_security (
	INPUT = loan_security_in,
	OUTPUT = loan_security_out,
	RECEIVE = loan_security_recv,
	SEND = loan_security_send,
	INTERNALLENGTH = 2,
	PASSEDBYVALUE,
	ALIGNMENT = int2,
	STORAGE = plain
);
COMMENT ON TYPE loan_security IS 'set of kinds of security: none, or mortgage, pledge, guarantee, combined (two or more, not said which), unknown joined by +';

-- comparison

CREATE FUNCTION loan_security_eq(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_eq(loan_security, loan_security) IS 'implementation of = operator';

CREATE FUNCTION loan_security_ne(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_ne(loan_security, loan_security) IS 'implementation of <> operator';

CREATE FUNCTION loan_security_lt(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_lt(loan_security, loan_security) IS 'implementation of < operator';

CREATE FUNCTION loan_security_le(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_le(loan_security, loan_security) IS 'implementation of <= operator';

CREATE FUNCTION loan_security_gt(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_gt(loan_security, loan_security) IS 'implementation of > operator';

CREATE FUNCTION loan_security_ge(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_ge(loan_security, loan_security) IS 'implementation of >= operator';

CREATE FUNCTION loan_security_cmp(loan_security, loan_security) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_cmp(loan_security, loan_security) IS 'btree comparison: negative, 0 or positive';

CREATE FUNCTION loan_security_sortsupport(internal) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_sortsupport(internal) IS 'sort support';

CREATE FUNCTION loan_security_hash(loan_security) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_hash(loan_security) IS 'hash';

CREATE FUNCTION loan_security_hash_extended(loan_security, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_hash_extended(loan_security, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR = (loan_security, loan_security) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (loan_security, loan_security) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (loan_security, loan_security) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (loan_security, loan_security) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (loan_security, loan_security) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (loan_security, loan_security) IS 'greater than or equal';

CREATE OPERATOR CLASS loan_security_ops DEFAULT FOR TYPE loan_security USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 loan_security_cmp(loan_security, loan_security),
	FUNCTION 2 loan_security_sortsupport(internal),
	FUNCTION 4 btequalimage(oid);

CREATE OPERATOR CLASS loan_security_ops DEFAULT FOR TYPE loan_security USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 loan_security_hash(loan_security),
	FUNCTION 2 loan_security_hash_extended(loan_security, bigint);

-- sets

CREATE FUNCTION loan_security_union(loan_security, loan_security) RETURNS loan_security
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_union(loan_security, loan_security) IS 'implementation of | operator';

CREATE FUNCTION loan_security_contains(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_contains(loan_security, loan_security) IS 'implementation of @> operator';

CREATE FUNCTION loan_security_contained(loan_security, loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION loan_security_contained(loan_security, loan_security) IS 'implementation of <@ operator';

CREATE OPERATOR | (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_union,
	COMMUTATOR = |
);
COMMENT ON OPERATOR | (loan_security, loan_security) IS 'union: the kinds of either';

CREATE OPERATOR @> (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_contains,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (loan_security, loan_security) IS 'contains all kinds of';

CREATE OPERATOR <@ (
	LEFTARG = loan_security, RIGHTARG = loan_security, FUNCTION = loan_security_contained,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (loan_security, loan_security) IS 'all its kinds are contained in';

CREATE AGGREGATE combine(loan_security) (
	SFUNC = loan_security_union, STYPE = loan_security,
	COMBINEFUNC = loan_security_union, PARALLEL = SAFE
);
COMMENT ON AGGREGATE combine(loan_security) IS 'union over the guarantee contracts of one loan; NULLs are ignored, so read codes by loan_security(code, code_list), which gives unknown for NULL, lest a contract that nobody understands be lost';

-- code lists

CREATE FUNCTION loan_security(code text, code_list text) RETURNS loan_security
	AS 'MODULE_PATHNAME', 'loan_security_from_code' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loan_security(text, text) IS 'set behind a code of a standard list: pboc_basic, credit_enterprise, credit_personal, credit_personal_v1, yibiaotong, other_assurance, text; unknown for NULL and for a code not in the list';

CREATE FUNCTION loan_security(code text, code_list jsonb) RETURNS loan_security
	AS 'MODULE_PATHNAME', 'loan_security_from_json' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loan_security(text, jsonb) IS 'set behind a code of your own list, such as {"A": "pledge", "D": "none"}; unknown for NULL and for a code not in the list';

CREATE FUNCTION loan_security_codes(OUT code_list text, OUT code text, OUT security loan_security)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 70;
COMMENT ON FUNCTION loan_security_codes() IS 'the standard code lists as rows';

CREATE FUNCTION is_pure_credit(loan_security) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION is_pure_credit(loan_security) IS 'true for none; false as soon as one kind is known; NULL for unknown alone';

-- classes of loans and borrowers

CREATE TYPE loan_class AS ENUM ('pure_credit', 'secured', 'discount', 'unclassified');
COMMENT ON TYPE loan_class IS 'class of a borrowing in the statistics; every borrowing has exactly one';

CREATE TYPE enterprise_scale AS ENUM ('large', 'medium', 'small', 'micro');
COMMENT ON TYPE enterprise_scale IS 'scale of an enterprise (statistical classification of 2017)';

CREATE TYPE ownership AS ENUM ('state', 'collective', 'private', 'hmt', 'foreign');
COMMENT ON TYPE ownership IS 'who holds the capital of an enterprise; hmt is Hong Kong, Macao and Taiwan';

CREATE TYPE borrower_kind AS ENUM ('enterprise', 'sole_proprietor', 'micro_owner', 'other');
COMMENT ON TYPE borrower_kind IS 'kind of borrower; micro_owner is a person who owns a micro enterprise';

CREATE FUNCTION loan_class(instrument text, security loan_security) RETURNS loan_class
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loan_class(text, loan_security) IS 'class of a borrowing: instrument is loan or discount; never NULL, unclassified where it cannot be told';

-- borrower_kind(x) and enterprise_scale(x) share their name with a type, so for
-- a literal or a string column PostgreSQL would take them as casts to the enum,
-- which fail on a code. A function that takes exactly the argument's type goes
-- before the cast: hence one each for unknown (literals) and the string types.

CREATE FUNCTION borrower_kind(uscc) RETURNS borrower_kind
	AS 'MODULE_PATHNAME', 'borrower_kind_uscc' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrower_kind(uscc) IS 'kind of borrower from the first two characters: 91 enterprise, 92 sole_proprietor, else other';

CREATE FUNCTION borrower_kind(unknown) RETURNS borrower_kind
	AS 'MODULE_PATHNAME', 'borrower_kind_unknown' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrower_kind(unknown) IS 'the same for a literal, which may be a code or a label of the enum';

CREATE FUNCTION borrower_kind(text) RETURNS borrower_kind
	AS 'MODULE_PATHNAME', 'borrower_kind_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrower_kind(text) IS 'the same for text, a code or a label of the enum';

CREATE FUNCTION borrower_kind(varchar) RETURNS borrower_kind
	AS 'MODULE_PATHNAME', 'borrower_kind_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrower_kind(varchar) IS 'the same for varchar, a code or a label of the enum';

CREATE FUNCTION borrower_kind(char) RETURNS borrower_kind
	AS 'MODULE_PATHNAME', 'borrower_kind_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrower_kind(char) IS 'the same for char(n), a code or a label of the enum';

CREATE FUNCTION enterprise_scale(industry text, persons integer, revenue numeric, assets numeric)
	RETURNS enterprise_scale
	AS 'MODULE_PATHNAME', 'enterprise_scale_computed' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION enterprise_scale(text, integer, numeric, numeric) IS 'the classification of 2017 from industry (GB/T 4754-2017), persons, revenue and assets in 10,000 CNY; NULL where an indicator that the industry needs is missing, or the industry has no class';

CREATE FUNCTION enterprise_scale(code text) RETURNS enterprise_scale
	AS 'MODULE_PATHNAME', 'enterprise_scale_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION enterprise_scale(text) IS 'scale from CS01 to CS04, the Chinese words or the labels of the enum; NULL for any other code';

CREATE FUNCTION enterprise_scale(code unknown) RETURNS enterprise_scale
	AS 'MODULE_PATHNAME', 'enterprise_scale_unknown' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION enterprise_scale(unknown) IS 'the same for a literal';

CREATE FUNCTION enterprise_scale(code varchar) RETURNS enterprise_scale
	AS 'MODULE_PATHNAME', 'enterprise_scale_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION enterprise_scale(varchar) IS 'the same for varchar';

CREATE FUNCTION enterprise_scale(code char) RETURNS enterprise_scale
	AS 'MODULE_PATHNAME', 'enterprise_scale_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION enterprise_scale(char) IS 'the same for char(n)';

CREATE FUNCTION ownership(code text, code_list text) RETURNS ownership
	AS 'MODULE_PATHNAME', 'ownership_from_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ownership(text, text) IS 'ownership behind a code of a standard list, pboc_basic or pboc_variant; NULL for a code not in it';

CREATE FUNCTION ownership(code text, code_list jsonb) RETURNS ownership
	AS 'MODULE_PATHNAME', 'ownership_from_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ownership(text, jsonb) IS 'ownership behind a code of your own list, such as {"171": "private"}; NULL for a code not in it';

-- Eligible is a union, so a NULL decides nothing where another part is true.
-- In SQL, that the planner can inline it.

CREATE FUNCTION is_eligible(kind borrower_kind, scale enterprise_scale, ownership ownership)
	RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
	AS $$SELECT $3 OPERATOR(pg_catalog.=) 'private'::first_loan.ownership
		OR $2 OPERATOR(pg_catalog.=) ANY ('{small,micro}'::first_loan.enterprise_scale[])
		OR $1 OPERATOR(pg_catalog.=) ANY ('{sole_proprietor,micro_owner}'::first_loan.borrower_kind[])$$;
COMMENT ON FUNCTION is_eligible(borrower_kind, enterprise_scale, ownership) IS 'may the borrower be a first-loan household: private, small, micro, or a person in business; NULL where that cannot be told';

CREATE FUNCTION is_eligible(kind borrower_kind, scale enterprise_scale, ownership ownership,
							private_as ownership[])
	RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
	AS $$SELECT $3 OPERATOR(pg_catalog.=) ANY ($4)
		OR $2 OPERATOR(pg_catalog.=) ANY ('{small,micro}'::first_loan.enterprise_scale[])
		OR $1 OPERATOR(pg_catalog.=) ANY ('{sole_proprietor,micro_owner}'::first_loan.borrower_kind[])$$;
COMMENT ON FUNCTION is_eligible(borrower_kind, enterprise_scale, ownership, ownership[]) IS 'the same with your own reading of private, such as {private,hmt,foreign} for all that is not public';

-- statistical periods

CREATE FUNCTION stat_period(text) RETURNS daterange
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION stat_period(text) IS 'dates of a period written as 2024, 2024H1, 2024Q3, 2024-05, 2024-2026 or in Chinese';
-- credit_report: what a credit report says about borrowing

CREATE TYPE credit_report;

CREATE FUNCTION credit_report_in(cstring) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_out(credit_report) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_recv(internal) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_send(credit_report) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE credit_report (
	INPUT = credit_report_in,
	OUTPUT = credit_report_out,
	RECEIVE = credit_report_recv,
	SEND = credit_report_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE credit_report IS 'what a credit report says about borrowing; text form is JSON';
COMMENT ON FUNCTION credit_report_in(cstring) IS 'I/O';
COMMENT ON FUNCTION credit_report_out(credit_report) IS 'I/O';
COMMENT ON FUNCTION credit_report_recv(internal) IS 'I/O';
COMMENT ON FUNCTION credit_report_send(credit_report) IS 'I/O';

-- comparison: equal contents are equal values; the order means nothing

CREATE FUNCTION credit_report_eq(credit_report, credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_ne(credit_report, credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_lt(credit_report, credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_le(credit_report, credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_gt(credit_report, credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_ge(credit_report, credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_cmp(credit_report, credit_report) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_hash(credit_report) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION credit_report_hash_extended(credit_report, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION credit_report_eq(credit_report, credit_report) IS 'implementation of = operator';
COMMENT ON FUNCTION credit_report_ne(credit_report, credit_report) IS 'implementation of <> operator';
COMMENT ON FUNCTION credit_report_lt(credit_report, credit_report) IS 'implementation of < operator';
COMMENT ON FUNCTION credit_report_le(credit_report, credit_report) IS 'implementation of <= operator';
COMMENT ON FUNCTION credit_report_gt(credit_report, credit_report) IS 'implementation of > operator';
COMMENT ON FUNCTION credit_report_ge(credit_report, credit_report) IS 'implementation of >= operator';
COMMENT ON FUNCTION credit_report_cmp(credit_report, credit_report) IS 'less-equal-greater';
COMMENT ON FUNCTION credit_report_hash(credit_report) IS 'hash';
COMMENT ON FUNCTION credit_report_hash_extended(credit_report, bigint) IS 'hash';

CREATE OPERATOR = (
	LEFTARG = credit_report, RIGHTARG = credit_report, FUNCTION = credit_report_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = credit_report, RIGHTARG = credit_report, FUNCTION = credit_report_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = credit_report, RIGHTARG = credit_report, FUNCTION = credit_report_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = credit_report, RIGHTARG = credit_report, FUNCTION = credit_report_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = credit_report, RIGHTARG = credit_report, FUNCTION = credit_report_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = credit_report, RIGHTARG = credit_report, FUNCTION = credit_report_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);

COMMENT ON OPERATOR = (credit_report, credit_report) IS 'equal contents';
COMMENT ON OPERATOR <> (credit_report, credit_report) IS 'different contents';
COMMENT ON OPERATOR < (credit_report, credit_report) IS 'before, in an order without meaning';
COMMENT ON OPERATOR <= (credit_report, credit_report) IS 'before or equal, in an order without meaning';
COMMENT ON OPERATOR > (credit_report, credit_report) IS 'after, in an order without meaning';
COMMENT ON OPERATOR >= (credit_report, credit_report) IS 'after or equal, in an order without meaning';

CREATE OPERATOR CLASS credit_report_ops DEFAULT FOR TYPE credit_report USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 credit_report_cmp(credit_report, credit_report);
CREATE OPERATOR CLASS credit_report_ops DEFAULT FOR TYPE credit_report USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 credit_report_hash(credit_report),
	FUNCTION 2 credit_report_hash_extended(credit_report, bigint);

COMMENT ON OPERATOR CLASS credit_report_ops USING btree IS 'credit reports, for sorting and merging alone';
COMMENT ON OPERATOR CLASS credit_report_ops USING hash IS 'credit reports';

-- what a report holds

CREATE FUNCTION report_date(report credit_report) RETURNS date
	AS 'MODULE_PATHNAME', 'credit_report_report_date'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION report_date(credit_report) IS 'date of the report, NULL where it is not known';

CREATE FUNCTION is_disputed(report credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME', 'credit_report_is_disputed'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION is_disputed(credit_report) IS 'whether the report is under dispute, and so tells nothing';

CREATE FUNCTION accounts(report credit_report, OUT account_id text, OUT business_code text,
		OUT account_class text, OUT opened_on date, OUT drawn boolean, OUT settled boolean,
		OUT counts boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'credit_report_accounts'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION accounts(credit_report) IS 'the accounts of a report; counts: as a borrowing by the default rules, NULL where that cannot be told';

CREATE FUNCTION first_borrowed_on(report credit_report) RETURNS date
	AS 'MODULE_PATHNAME', 'credit_report_first_borrowed_on'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_borrowed_on(credit_report) IS 'date of the first account that counts as a borrowing; NULL where there is none with a date';

-- the answer

CREATE FUNCTION never_borrowed(report credit_report) RETURNS boolean
	AS 'MODULE_PATHNAME', 'credit_report_never_borrowed'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION never_borrowed(credit_report) IS 'whether the report shows no borrowing at all; NULL where it cannot tell';

CREATE FUNCTION never_borrowed(report credit_report, as_of date, lag integer DEFAULT 0,
		advances boolean DEFAULT true, disposed boolean DEFAULT true,
		leasing boolean DEFAULT true, undrawn boolean DEFAULT false,
		summary boolean DEFAULT false, codes jsonb DEFAULT '{}')
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'credit_report_never_borrowed_as_of'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION never_borrowed(credit_report, date, integer, boolean, boolean, boolean, boolean, boolean, jsonb) IS 'whether the report shows no borrowing before a date; NULL where it cannot tell, as when it is more than lag days older';

-- a report from the rows of an accounts table

CREATE FUNCTION credit_report_accum(state credit_report, opened_on date, business_code text)
	RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_accum(state credit_report, opened_on date, business_code text,
		report_date date)
	RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_accum(state credit_report, opened_on date, business_code text,
		report_date date, account_class text)
	RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_accum(state credit_report, opened_on date, business_code text,
		report_date date, account_class text, account_id text)
	RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_accum(state credit_report, opened_on date, business_code text,
		report_date date, account_class text, account_id text, subject text)
	RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_combine(credit_report, credit_report) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_final(credit_report) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION credit_report_accum(credit_report, date, text) IS 'transition function of credit_report_agg';
COMMENT ON FUNCTION credit_report_accum(credit_report, date, text, date) IS 'transition function of credit_report_agg';
COMMENT ON FUNCTION credit_report_accum(credit_report, date, text, date, text) IS 'transition function of credit_report_agg';
COMMENT ON FUNCTION credit_report_accum(credit_report, date, text, date, text, text) IS 'transition function of credit_report_agg';
COMMENT ON FUNCTION credit_report_accum(credit_report, date, text, date, text, text, text) IS 'transition function of credit_report_agg';
COMMENT ON FUNCTION credit_report_combine(credit_report, credit_report) IS 'combine function of credit_report_agg';
COMMENT ON FUNCTION credit_report_final(credit_report) IS 'final function of credit_report_agg';

CREATE AGGREGATE credit_report_agg(opened_on date, business_code text) (
	SFUNC = credit_report_accum, STYPE = credit_report, SSPACE = 96,
	FINALFUNC = credit_report_final, COMBINEFUNC = credit_report_combine, PARALLEL = SAFE
);
CREATE AGGREGATE credit_report_agg(opened_on date, business_code text, report_date date) (
	SFUNC = credit_report_accum, STYPE = credit_report, SSPACE = 96,
	FINALFUNC = credit_report_final, COMBINEFUNC = credit_report_combine, PARALLEL = SAFE
);
CREATE AGGREGATE credit_report_agg(opened_on date, business_code text, report_date date,
		account_class text) (
	SFUNC = credit_report_accum, STYPE = credit_report, SSPACE = 96,
	FINALFUNC = credit_report_final, COMBINEFUNC = credit_report_combine, PARALLEL = SAFE
);
CREATE AGGREGATE credit_report_agg(opened_on date, business_code text, report_date date,
		account_class text, account_id text) (
	SFUNC = credit_report_accum, STYPE = credit_report, SSPACE = 96,
	FINALFUNC = credit_report_final, COMBINEFUNC = credit_report_combine, PARALLEL = SAFE
);
CREATE AGGREGATE credit_report_agg(opened_on date, business_code text, report_date date,
		account_class text, account_id text, subject text) (
	SFUNC = credit_report_accum, STYPE = credit_report, SSPACE = 96,
	FINALFUNC = credit_report_final, COMBINEFUNC = credit_report_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE credit_report_agg(date, text) IS 'a credit report from the rows of an accounts table';
COMMENT ON AGGREGATE credit_report_agg(date, text, date) IS 'a credit report from the rows of an accounts table, of the latest report date';
COMMENT ON AGGREGATE credit_report_agg(date, text, date, text) IS 'a credit report from the rows of an accounts table, of the latest report date';
COMMENT ON AGGREGATE credit_report_agg(date, text, date, text, text) IS 'a credit report from the rows of an accounts table, of the latest report date; rows with the same account id are one account';
COMMENT ON AGGREGATE credit_report_agg(date, text, date, text, text, text) IS 'a credit report of an enterprise or a person from the rows of an accounts table, of the latest report date; rows with the same account id are one account';
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
-- Aggregates over borrowings.  One for each type of granted_on, so that a
-- literal is read as a date and a moment is compared as a moment.

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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
