
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
