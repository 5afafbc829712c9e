-- credit_report: from and to documents, the evidence behind an answer, several reports of one household

CREATE FUNCTION credit_report(document jsonb) RETURNS credit_report
	AS 'MODULE_PATHNAME', 'credit_report_from_jsonb'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_report(jsonb) IS 'a credit report from the second-generation document in JSON, or from the text form';

CREATE CAST (jsonb AS credit_report) WITH FUNCTION credit_report(jsonb);
COMMENT ON CAST (jsonb AS credit_report) IS 'from the second-generation document in JSON, or from the text form';

CREATE FUNCTION credit_report(document xml) RETURNS credit_report
	AS 'MODULE_PATHNAME', 'credit_report_from_xml'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_report(xml) IS 'a credit report from the second-generation document in XML';

CREATE CAST (xml AS credit_report) WITH FUNCTION credit_report(xml);
COMMENT ON CAST (xml AS credit_report) IS 'from the second-generation document in XML';

CREATE CAST (credit_report AS jsonb) WITH INOUT;
COMMENT ON CAST (credit_report AS jsonb) IS 'the text form';

-- several reports of one household

CREATE FUNCTION credit_report_merge_accum(state credit_report, report credit_report) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_merge_combine(credit_report, credit_report) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION credit_report_merge_final(credit_report) RETURNS credit_report
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_report_merge_accum(credit_report, credit_report) IS 'transition function of merge';
COMMENT ON FUNCTION credit_report_merge_combine(credit_report, credit_report) IS 'combine function of merge';
COMMENT ON FUNCTION credit_report_merge_final(credit_report) IS 'final function of merge';

CREATE AGGREGATE merge(report credit_report) (
	SFUNC = credit_report_merge_accum, STYPE = credit_report, SSPACE = 256,
	FINALFUNC = credit_report_merge_final, COMBINEFUNC = credit_report_merge_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE merge(credit_report) IS 'several reports of one household as one: what any of them knows';

-- what an answer rests on

CREATE FUNCTION credit_report_evidence(report credit_report,
		OUT report_no integer, OUT evidence text, OUT account_id text, OUT business_code text,
		OUT account_class text, OUT dated date, OUT number integer, OUT counts boolean, OUT rule text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION credit_report_evidence(credit_report) IS 'what never_borrowed(report) rests on: a row for each piece of evidence, whether it counts, and by which rule';

CREATE FUNCTION credit_report_evidence(report credit_report, as_of date, lag integer DEFAULT 0,
		advances boolean DEFAULT true, disposed boolean DEFAULT true,
		leasing boolean DEFAULT true, undrawn boolean DEFAULT false,
		summary boolean DEFAULT false, codes jsonb DEFAULT '{}',
		OUT report_no integer, OUT evidence text, OUT account_id text, OUT business_code text,
		OUT account_class text, OUT dated date, OUT number integer, OUT counts boolean, OUT rule text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'credit_report_evidence_as_of'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION credit_report_evidence(credit_report, date, integer, boolean, boolean, boolean, boolean, boolean, jsonb) IS 'what never_borrowed with the same arguments rests on: a row for each piece of evidence, whether it counts, and by which rule';

CREATE FUNCTION first_loan_verdict(drawn_on date, report credit_report, lag integer DEFAULT 0,
		advances boolean DEFAULT true, disposed boolean DEFAULT true,
		leasing boolean DEFAULT true, undrawn boolean DEFAULT false,
		summary boolean DEFAULT false, codes jsonb DEFAULT '{}',
		OUT verdict text, OUT borrowed_on date, OUT reason text)
	AS 'MODULE_PATHNAME', 'credit_report_first_loan_verdict'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan_verdict(date, credit_report, integer, boolean, boolean, boolean, boolean, boolean, jsonb) IS 'whether a loan drawn on a day is the first, by the credit report: confirmed, refuted (by a borrowing of borrowed_on) or unverified, and why';

CREATE FUNCTION credit_report_warnings(report credit_report) RETURNS SETOF text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION credit_report_warnings(credit_report) IS 'what in a report is not as it should be: codes that are not in the lists, dates that are missing';
