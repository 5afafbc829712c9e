
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
