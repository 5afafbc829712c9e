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
