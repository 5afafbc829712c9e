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
