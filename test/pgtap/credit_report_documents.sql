-- Second-generation credit reports as they come: the corpus, in XML and in JSON, and what is refused.
\set QUIET 1
\set ON_ERROR_ROLLBACK 1
\set ON_ERROR_STOP true
\pset format unaligned
\pset tuples_only true
\pset pager off

BEGIN;
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;
SET datestyle = 'ISO, YMD';

SELECT plan(480);

\ir ../corpus/credit_reports.sql

/*
 * XML to JSON as converters make it: an element is an object of its children,
 * or its text; several of a name are an array, and one of a name is itself, or
 * an array too (every_array).
 */
CREATE FUNCTION pg_temp.to_json(element xml, every_array boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	children xml[] := xpath('/*/*', element);
	result jsonb := '{}';
	name text;
BEGIN
	IF cardinality(children) = 0 THEN
		RETURN to_jsonb(replace(replace(replace(regexp_replace(array_to_string(xpath('/*/text()', element), ''),
			'<!\[CDATA\[(.*)\]\]>', '\1'), '&lt;', '<'), '&gt;', '>'), '&amp;', '&'));
	END IF;
	FOR i IN 1 .. cardinality(children) LOOP
		name := (xpath('local-name(/*)', children[i]))[1]::text;
		result := result || jsonb_build_object(name,
			coalesce(result -> name, '[]') || jsonb_build_array(pg_temp.to_json(children[i], every_array)));
	END LOOP;
	IF NOT every_array THEN
		FOR name IN SELECT jsonb_object_keys(result) LOOP
			IF jsonb_array_length(result -> name) = 1 THEN
				result := result || jsonb_build_object(name, result -> name -> 0);
			END IF;
		END LOOP;
	END IF;
	RETURN result;
END
$$;
CREATE TEMP TABLE converted AS
	SELECT *, pg_temp.to_json(document::xml, false) AS children, pg_temp.to_json(document::xml, true) AS arrays FROM corpus;

SELECT cmp_ok(count(*), '>=', 40::bigint, 'documents in the corpus') FROM corpus;
SELECT is(document::xml::credit_report::text, value, 'XML: ' || name) FROM converted ORDER BY no;
SELECT is(jsonb_build_object('Document', children)::credit_report::text, value, 'JSON: ' || name) FROM converted ORDER BY no;
SELECT is(jsonb_build_object('Document', jsonb_build_array(arrays))::credit_report::text, value, 'JSON, every element an array: ' || name) FROM converted ORDER BY no;
SELECT is(children::credit_report::text, value, 'JSON without the root: ' || name) FROM converted WHERE no % 7 = 0 ORDER BY no;
SELECT ok(document::xml::credit_report = jsonb_build_object('Document', children)::credit_report
	AND document::xml::credit_report = arrays::credit_report
	AND document::xml::credit_report = value::credit_report, 'equal values: ' || name) FROM converted ORDER BY no;
SELECT is(never_borrowed(document::xml::credit_report), never, name || ': ' || stands_for) FROM converted ORDER BY no;
SELECT is(never_borrowed(document::xml::credit_report, as_of), never_as_of, format('%s, as of %s', name, as_of)) FROM converted ORDER BY no;
SELECT is_empty($$SELECT name FROM converted WHERE value::credit_report::jsonb::credit_report <> value::credit_report OR value::credit_report::jsonb::text::credit_report <> value::credit_report$$,
	'the text form as jsonb gives the value again');

/* What only JSON has. */
SELECT is(document::jsonb::credit_report::text, value, 'JSON: ' || what)
FROM (VALUES
	('numbers', '{"Document": {"EAA": {"EA01": {"EA01AR01": "2024-05-31", "EA01CH": {"EA01CI01": 91350500587527783}}}, "EBA": {"EB01": {"EB01AR01": 2015.0, "EB01AS01": 3}}, "EDA": {"ED01": {"ED01AI01": 17, "ED01AD05": 11, "ED01AR01": 20230201, "ED01AD01": 2}, "ED02": {"ED020S01": 2.0}}}}',
		'{"report_date": "2024-05-31", "accounts": [{"id": "17", "business": "11", "opened_on": "2023-02-01", "settled": true}], "undated_discounts": 2, "first_credit_year": 2015, "institutions_ever": 3}'),
	('null', '{"EAA": {"EA01": {"EA01A": {"EA01AR01": "2024-05-31"}, "EA01C": {"EA01CH": [{"EA01CI01": "X"}, null]}, "EA01D": null}}, "EBA": null, "EDA": {"ED01": [null, {"ED01A": null}, {"ED01A": {"ED01AD05": null, "ED01AI01": "A1"}}]}}',
		'{"report_date": "2024-05-31", "accounts": [{"id": "A1"}]}'),
	('empty objects and arrays', '{"EAA": {"EA01": {"EA01AR01": "2024-05-31", "EA01CI01": "X"}}, "EDA": [], "EDB": {"ED04": [{}], "ED05": {}}, "EBB": {"EB02": {"EB02A": {"EB02AH": []}}}}', '{"report_date": "2024-05-31"}'),
	('arrays in an array', '{"EA01": {"EA01AR01": [["2024-05-31"]], "EA01CI01": "X"}, "ED01": [[{"ED01AI01": "A1"}], [[{"ED01AI01": "A2"}]]]}', '{"report_date": "2024-05-31", "accounts": [{"id": "A1"}, {"id": "A2"}]}'),
	('attributes and texts', '{"?xml": {"@version": "1.0"}, "Document": {"@xmlns": "urn:x", "EAA": {"EA01": {"EA01AR01": {"@lang": "zh", "#text": "2024-05-31"}, "EA01CI01": {"_": "X", "$": {"type": "20"}}}}}}', '{"report_date": "2024-05-31"}'),
	('an array of one document', '[{"EA01": {"EA01AR01": "2024-05-31", "EA01CI01": "X"}}]', '{"report_date": "2024-05-31"}'),
	('names in lower case', '{"document": {"eaa": {"ea01": {"ea01a": {"ea01ar01": "2024-05-31"}, "ea01c": {"ea01ch": {"ea01ci01": "X"}}}}, "eda": {"ed01": {"ed01a": {"ed01ai01": "A1", "ed01ad05": "11"}}}}}', '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11"}]}'),
	('the text form', '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11"}]}', '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11"}]}'),
	('the text form, merged', '{"merged": [{"report_date": "2024-05-31"}, {"report_date": "2024-04-30"}]}', '{"merged": [{"report_date": "2024-04-30"}, {"report_date": "2024-05-31"}]}')) v (what, document, value);

/* What is refused, and how it is told. */
CREATE FUNCTION pg_temp.refusal(form text, document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE format('SELECT %L::%s::first_loan.credit_report', document, form);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, detail, CASE WHEN hint <> '' THEN 'hint' END);
END
$$;
CREATE TEMP TABLE refused (what text, document xml, told text);
INSERT INTO refused
	SELECT what, format('<Document>%s</Document>', replace(body, '{H}', '<EAA><EA01><EA01A><EA01AR01>2024-05-31</EA01AR01></EA01A><EA01CH><EA01CI01>X</EA01CI01></EA01CH></EA01></EAA>'))::xml, told
FROM (VALUES
	('no header', '<EDA/>', '22P02 | credit report document has no report time | Element Document/EAA/EA01/EA01AR01 is missing or empty. | hint'),
	('no report time', '<EAA><EA01><EA01CH><EA01CI01>X</EA01CI01></EA01CH></EA01></EAA>', '22P02 | credit report document has no report time | Element Document/EAA/EA01/EA01AR01 is missing or empty. | hint'),
	('an empty report time', '<EAA><EA01><EA01A><EA01AR01>--</EA01AR01></EA01A><EA01CH><EA01CI01>X</EA01CI01></EA01CH></EA01></EAA>', '22P02 | credit report document has no report time | Element Document/EAA/EA01/EA01AR01 is missing or empty. | hint'),
	('no subject', '<EAA><EA01><EA01A><EA01AR01>2024-05-31</EA01AR01></EA01A><EA01CH><EA01CD01>20</EA01CD01><EA01CI01> </EA01CI01></EA01CH></EA01></EAA>', '22P02 | credit report document has no subject | Element Document/EAA/EA01/EA01CI01 is missing or empty. | hint'),
	('person, no report time', '<PRH><PA01><PA01B><PA01BI01>X</PA01BI01></PA01B></PA01></PRH>', '22P02 | credit report document has no report time | Element Document/PRH/PA01/PA01AR01 is missing or empty. | hint'),
	('person, no subject', '<PRH><PA01><PA01A><PA01AR01>2024-05-31</PA01AR01></PA01A></PA01></PRH>', '22P02 | credit report document has no subject | Element Document/PRH/PA01/PA01BI01 is missing or empty. | hint'),
	('a report time that is none', '<EAA><EA01><EA01A><EA01AR01>yesterday</EA01AR01></EA01A><EA01CH><EA01CI01>X</EA01CI01></EA01CH></EA01></EAA>', '22007 | invalid input syntax for type credit_report: "yesterday" | Element Document/EAA/EA01/EA01AR01 is not a date. | hint'),
	('a report time without a day', '<EAA><EA01><EA01A><EA01AR01>2024-05</EA01AR01></EA01A><EA01CH><EA01CI01>X</EA01CI01></EA01CH></EA01></EAA>', '22007 | invalid input syntax for type credit_report: "2024-05" | Element Document/EAA/EA01/EA01AR01 is not the day of a report. | hint'),
	('a date that does not exist', '{H}<EDA><ED01><ED01A><ED01AR01>2024-01-01</ED01AR01></ED01A></ED01><ED01><ED01A><ED01AR01>2024-02-30</ED01AR01></ED01A></ED01></EDA>', '22007 | invalid input syntax for type credit_report: "2024-02-30" | Element Document/EDA/ED01[2]/ED01AR01 is not a date. | hint'),
	('a time that does not exist', '{H}<EDA><ED01><ED01A><ED01AR01>2024-02-20T25:00:00</ED01AR01></ED01A></ED01></EDA>', '22007 | invalid input syntax for type credit_report: "2024-02-20T25:00:00" | Element Document/EDA/ED01[1]/ED01AR01 is not a date. | hint'),
	('a date with separators that differ', '{H}<EDA><ED01><ED01A><ED01AR01>2024-02/20</ED01AR01></ED01A></ED01></EDA>', '22007 | invalid input syntax for type credit_report: "2024-02/20" | Element Document/EDA/ED01[1]/ED01AR01 is not a date. | hint'),
	('a date out of range', '{H}<EDA><ED01><ED01A><ED01AR01>2924-02-20</ED01AR01></ED01A></ED01></EDA>', '22008 | invalid input syntax for type credit_report: "2924-02-20" | Element Document/EDA/ED01[1]/ED01AR01 is out of range, 1900-01-02 to 2617-09-22. | hint'),
	('a closing date that is none', '{H}<EDA><ED01><ED01A><ED01AD01>2</ED01AD01><ED01AR03>0</ED01AR03></ED01A></ED01></EDA>', '22007 | invalid input syntax for type credit_report: "0" | Element Document/EDA/ED01[1]/ED01AR03 is not a date. | hint'),
	('person, a date that is none', '{P}<PDA><PD01><PD01A><PD01AR01>x</PD01AR01></PD01A></PD01></PDA>', '22007 | invalid input syntax for type credit_report: "x" | Element Document/PDA/PD01[1]/PD01AR01 is not a date. | hint'),
	('a count that is none', '{H}<EDA><ED02><ED020S01>two</ED020S01></ED02></EDA>', '22P02 | invalid input syntax for type credit_report: "two" | Element Document/EDA/ED02[1]/ED020S01 is not a count. | hint'),
	('a broken count', '{H}<EDA><ED02><ED020S01>1.5</ED020S01></ED02></EDA>', '22P02 | invalid input syntax for type credit_report: "1.5" | Element Document/EDA/ED02[1]/ED020S01 is not a count. | hint'),
	('a negative count', '{H}<EBB><EB02><EB02A><EB02AH><EB02AD01>4</EB02AD01><EB02AS04>-1</EB02AS04></EB02AH></EB02A></EB02></EBB>', '22P02 | invalid input syntax for type credit_report: "-1" | Element Document/EBB/EB02/EB02AS04 is not a count. | hint'),
	('a count too large', '{H}<EBA><EB01><EB01A><EB01AS01>2147483648</EB01AS01></EB01A></EB01></EBA>', '22003 | invalid input syntax for type credit_report: "2147483648" | Element Document/EBA/EB01/EB01AS01 must lie between 0 and 2147483647. | hint'),
	('a year that is none', '{H}<EBA><EB01><EB01A><EB01AR01>15</EB01AR01></EB01A></EB01></EBA>', '22007 | invalid input syntax for type credit_report: "15" | Element Document/EBA/EB01/EB01AR01 is not a year. | hint'),
	('a year out of range', '{H}<EBA><EB01><EB01A><EB01AR01>1850</EB01AR01></EB01A></EB01></EBA>', '22003 | invalid input syntax for type credit_report: "1850" | Element Document/EBA/EB01/EB01AR01 must lie between 1901 and 2617. | hint'),
	('two values for one field', '{H}<EDA><ED01><ED01A><ED01AR01>2024-02-20</ED01AR01><ED01AR01>2023-02-20</ED01AR01></ED01A></ED01></EDA>', '22P02 | invalid input syntax for type credit_report: "2023-02-20" | Element Document/EDA/ED01[1]/ED01AR01 stands twice, with different values. | hint'),
	('two reports', '{H}<EAA><EA01><EA01A><EA01AR01>2023-05-31</EA01AR01></EA01A></EA01></EAA>', '22P02 | invalid input syntax for type credit_report: "2023-05-31" | Element Document/EAA/EA01/EA01AR01 stands twice, with different values. | hint'),
	('enterprise and person', '{H}<PDA><PD01/></PDA>', '22P02 | credit report document is of an enterprise and of a person | It has units of both reports, such as EA01 and PA01. | hint'),
	('a text too long', '{H}<EDA><ED01><ED01A><ED01AI01>' || repeat('A', 256) || '</ED01AI01></ED01A></ED01></EDA>', '54000 | invalid input syntax for type credit_report: "' || repeat('A', 64) || '..." | Element Document/EDA/ED01[1]/ED01AI01 must not be longer than 255 bytes. | hint')) v (what, body, told);
UPDATE refused SET document = replace(document::text, '{P}', '<PRH><PA01><PA01A><PA01AR01>2024-05-31</PA01AR01></PA01A><PA01B><PA01BI01>X</PA01BI01></PA01B></PA01></PRH>')::xml;
SELECT is(pg_temp.refusal('xml', document::text), told, 'XML: ' || what) FROM refused;
SELECT is(pg_temp.refusal('jsonb', pg_temp.to_json(document, false)::text), told, 'JSON: ' || what) FROM refused;
SELECT is(pg_temp.refusal('jsonb', pg_temp.to_json(document, true)::text), told, 'JSON, every element an array: ' || what) FROM refused;

SELECT is(pg_temp.refusal('jsonb', document), told, 'JSON: ' || what)
FROM (VALUES
	('nothing', '{}', '22P02 | credit report document has no report time | Element Document/EAA/EA01/EA01AR01 is missing or empty. | hint'),
	('an empty array', '[]', '22P02 | credit report document has no report time | Element Document/EAA/EA01/EA01AR01 is missing or empty. | hint'),
	('a string', '"<Document/>"', '22P02 | invalid input syntax for type credit_report: ""<Document/>"" | The document must be a JSON object. | hint'),
	('a number', '1', '22P02 | invalid input syntax for type credit_report: "1" | The document must be a JSON object. | hint'),
	('the text form with a key that is not its own', '{"report_date": "2024-05-31", "Document": {}}', '22P02 | invalid input syntax for type credit_report: "Document" | The report has this key, which is not known. | hint'),
	('a boolean for a date', '{"EA01": {"EA01AR01": true, "EA01CI01": "X"}}', '22007 | invalid input syntax for type credit_report: "true" | Element Document/EAA/EA01/EA01AR01 is not a date. | hint'),
	('a number for a date', '{"EA01": {"EA01AR01": 45443, "EA01CI01": "X"}}', '22007 | invalid input syntax for type credit_report: "45443" | Element Document/EAA/EA01/EA01AR01 is not a date. | hint')) v (what, document, told);

/* Declarations, entities and external references are never followed. */
SELECT alike(pg_temp.refusal('xml', document), '2200M | credit report document has a document type declaration | %', 'XML: ' || what)
FROM (VALUES
	('a declaration', '<!DOCTYPE Document><Document/>'),
	('an external declaration', '<!DOCTYPE Document SYSTEM "file:///etc/passwd"><Document/>'),
	('an entity', '<!DOCTYPE Document [<!ENTITY t "2024-05-31">]><Document><EA01><EA01AR01>&t;</EA01AR01><EA01CI01>X</EA01CI01></EA01></Document>'),
	('an external entity', '<!DOCTYPE Document [<!ENTITY t SYSTEM "file:///etc/hostname">]><Document><EA01><EA01AR01>2024-05-31</EA01AR01><EA01CI01>&t;</EA01CI01></EA01></Document>'),
	('a parameter entity', '<!DOCTYPE Document [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><Document/>')) v (what, document);
SELECT alike(pg_temp.refusal('xml', '<!DOCTYPE d [<!ENTITY a "ha">' || (SELECT string_agg(format('<!ENTITY %s "%s">', chr(97 + n), repeat('&' || chr(96 + n) || ';', 10)), '' ORDER BY n) FROM generate_series(1, 9) n) || ']><d>&j;</d>'), '2200%', 'XML: a billion laughs');
SELECT is(pg_temp.refusal('xml', document), told, 'XML: ' || what)
FROM (VALUES
	('no document', 'text', '2200M | credit report is not an XML document | Start tag expected, ''<'' not found.'),
	('nothing', '', '2200M | credit report is not an XML document | Document is empty.'),
	('two documents', '<Document/><Document/>', '2200M | credit report is not an XML document | Extra content at the end of the document.')) v (what, document, told);

/* Nothing but the document matters: not the number of accounts before, not what is beside. */
SELECT is((SELECT count(*) FROM accounts(format('{"EA01": {"EA01AR01": "2024-05-31", "EA01CI01": "X"}, "EDA": {"ED01": %s}}', (SELECT jsonb_agg(jsonb_build_object('ED01A', jsonb_build_object('ED01AI01', n, 'ED01AD05', '11', 'ED01AR01', date '2000-01-01' + n))) FROM generate_series(1, 5000) n))::jsonb::credit_report) WHERE counts),
	5000::bigint, 'many accounts');
SELECT is(never_borrowed(NULL::jsonb::credit_report), NULL, 'no JSON');
SELECT is(never_borrowed(NULL::xml::credit_report), NULL, 'no XML');

/* Warnings */
SELECT is(array(SELECT credit_report_warnings(report::credit_report)), warnings, 'warnings: ' || what)
FROM (VALUES
	('none', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "class": "D1", "opened_on": "2023-02-01"}, {"business": "10", "class": "D1"}]}', '{}'::text[]),
	('report of unknown date', '{}', '{"the report has no date"}'),
	('an unknown business code', '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "99", "opened_on": "2023-02-01"}]}', '{"account \"A1\" of business 99 opened on 2023-02-01: its business code is not in the list and does not count"}'),
	('an unknown business code, in a class that counts', '{"report_date": "2024-05-31", "accounts": [{"business": "ZZ", "class": "D2", "opened_on": "2023-02-01"}]}', '{"account of business ZZ of class D2 opened on 2023-02-01: its business code is not in the list"}'),
	('no business code', '{"report_date": "2024-05-31", "accounts": [{"class": "D1", "opened_on": "2023-02-01"}, {"class": "D2", "opened_on": "2023-02-01"}]}', '{"account of class D1 opened on 2023-02-01: it has no business code and does not count"}'),
	('an unknown class', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "class": "X1", "opened_on": "2023-02-01"}]}', '{"account of business 11 of class X1 opened on 2023-02-01: its class is not in the list"}'),
	('a borrowing without a date', '{"report_date": "2024-05-31", "accounts": [{"business": "11"}, {"business": "15"}]}', '{"account of business 11: it has no date"}'),
	('an account from after the report', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-06-01"}]}', '{"account of business 11 opened on 2024-06-01: that is after the report"}'),
	('a person''s codes', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "41", "opened_on": "2023-02-01"}, {"business": "81", "opened_on": "2023-02-01"}, {"business": "42", "opened_on": "2023-02-01"}]}', '{"account of business 42 opened on 2023-02-01: its business code is not in the list and does not count"}'),
	('merged', '{"merged": [{"report_date": "2024-05-31", "accounts": [{"business": "99", "opened_on": "2023-02-01"}]}, {"report_date": "2024-04-30"}]}', '{"report of 2024-05-31: account of business 99 opened on 2023-02-01: its business code is not in the list and does not count"}')) v (what, report, warnings);

SELECT * FROM finish();
ROLLBACK;
