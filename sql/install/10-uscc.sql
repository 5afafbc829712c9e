
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
