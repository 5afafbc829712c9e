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
