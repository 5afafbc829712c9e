-- bench/documents.sql: second-generation credit reports with planted truth, in XML and in JSON, the same on every machine
--
-- psql variable: documents (how many).
--
-- For each document the story is chosen first and its truth written down at
-- once (table "truth"); only then are the units made from it.  The extension
-- takes no part.  Makes the table "documents": json has an object where an
-- element stands once, arrays has arrays everywhere.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET max_parallel_workers_per_gather = 0;

DROP TABLE IF EXISTS documents, truth, story, counted_kind, other_kind, account, segment, unit CASCADE;

CREATE FUNCTION pg_temp.pick(n bigint, k int, m bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
	AS 'SELECT (hashint8extended(n, k) & 9223372036854775807) % m';

-- The rows of the table in domain.md, section 4, and what stands in for each.
CREATE TABLE story (story int, what text, person boolean, counted text, others boolean, guarantees boolean, notice boolean, ed02 text, eb02 text, unknown boolean);
INSERT INTO story VALUES
	( 0, 'accounts that count',                       false, 'dated',   true,  false, false, NULL,   NULL,  false),
	( 1, 'the same, guarantees, notice and summary',  false, 'dated',   true,  true,  true,  'zero', '1-3', false),
	( 2, 'accounts that count alone',                 false, 'dated',   false, false, true,  NULL,   NULL,  false),
	( 3, 'accounts without a date that count',        false, 'undated', true,  false, false, NULL,   NULL,  false),
	( 4, 'accounts with and without a date',          false, 'both',    true,  false, true,  NULL,   NULL,  false),
	( 5, 'kinds that do not count',                   false, NULL,      true,  false, false, NULL,   NULL,  false),
	( 6, 'kinds that do not count, notice',           false, NULL,      true,  true,  true,  'zero', 'zero', false),
	( 7, 'discounts of ED02',                         false, NULL,      true,  false, false, 'some', NULL,  false),
	( 8, 'discounts of ED02 and dated accounts',      false, 'dated',   true,  false, true,  'some', NULL,  false),
	( 9, 'discounts of EB02, class 4',                false, NULL,      false, false, true,  NULL,   '4',   false),
	(10, 'EB02, classes 1-3, no accounts',            false, NULL,      false, false, true,  NULL,   '1-3', true),
	(11, 'notice and nothing that explains it',       false, NULL,      false, false, true,  NULL,   NULL,  true),
	(12, 'notice, explained by guarantees',           false, NULL,      false, true,  true,  NULL,   NULL,  false),
	(13, 'guarantees alone',                          false, NULL,      false, true,  false, NULL,   'zero', false),
	(14, 'nothing',                                   false, NULL,      false, false, false, NULL,   NULL,  false),
	(15, 'counts that are all zero',                  false, NULL,      false, false, false, 'zero', 'zero', false),
	(16, 'person, business purpose',                  true,  'dated',   true,  NULL,  NULL,  NULL,   NULL,  false),
	(17, 'person, no business purpose',               true,  NULL,      true,  NULL,  NULL,  NULL,   NULL,  false),
	(18, 'person, a farmer''s loan',                  true,  NULL,      true,  NULL,  NULL,  NULL,   NULL,  true),
	(19, 'person, a farmer''s loan, business purpose', true, 'both',    true,  NULL,  NULL,  NULL,   NULL,  true);

-- class R0 is R1 that was never drawn: an amount of 0 and no balance
CREATE TABLE counted_kind (kind int, person boolean, business text, class text);
INSERT INTO counted_kind VALUES
	(0, false, '11', 'D1'), (1, false, '12', 'D1'), (2, false, '13', 'R4'), (3, false, '16', 'R1'), (4, false, '21', 'D2'),
	(5, false, '21', 'D1'), (6, false, '11', 'D2'), (7, false, '41', 'D1'), (8, false, '41', 'C1'), (9, false, '51', 'D1'),
	(10, false, '51', 'C1'), (11, false, '--', 'C1'), (12, false, '14', 'D1'), (13, false, '', 'D2'), (14, false, '11', NULL), (15, false, '12', 'R2'),
	(0, true, '41', 'D1'), (1, true, '52', 'D1'), (2, true, '41', 'R4'), (3, true, '52', 'R1');
CREATE TABLE other_kind (kind int, person boolean, business text, class text);
INSERT INTO other_kind VALUES
	(0, false, '10', 'D1'), (1, false, '15', 'D1'), (2, false, '31', 'D1'), (3, false, '18', 'D1'), (4, false, 'AA', 'D1'),
	(5, false, '11', 'R0'), (6, false, '--', 'D1'), (7, false, NULL, 'R4'),
	(0, true, '11', 'D1'), (1, true, '12', 'D1'), (2, true, '21', 'D1'), (3, true, '71', 'R2'), (4, true, '81', 'R2'),
	(5, true, '82', 'R3'), (6, true, '91', 'R4'), (7, true, '--', 'D1');

-- first_on: the first dated account that counts; borrowed_undated, unknown: what else there is; farmer_on: a loan of kind 51.
CREATE TABLE truth AS
SELECT n, story, person, reported_on, disputed, first_on, n_counted, n_others,
	coalesce(counted = 'undated' OR counted = 'both' AND NOT person AND n_counted >= 2 OR ed02 = 'some' OR eb02 = '4', false) AS borrowed_undated,
	unknown AND NOT person AS unknown,
	CASE WHEN unknown AND person AND n_others > 0 THEN reported_on - pg_temp.pick(n, 6, 900)::int END AS farmer_on
FROM (SELECT s.*, n, reported_on, pg_temp.pick(n, 5, 50) = 0 AS disputed,
		CASE WHEN counted IN ('dated', 'both') THEN
			reported_on - CASE n / 20 % 5 WHEN 0 THEN 0 WHEN 1 THEN 1 ELSE pg_temp.pick(n, 2, 3000) END::int END AS first_on,
		CASE WHEN counted IS NULL THEN 0 WHEN others THEN 1 + (accounts - 1) / 2 ELSE accounts END AS n_counted,
		CASE WHEN NOT others THEN 0 WHEN counted IS NULL THEN accounts ELSE (accounts - 1) - (accounts - 1) / 2 END AS n_others
	FROM (SELECT n, date '2020-01-01' + pg_temp.pick(n, 1, 2000)::int AS reported_on,
			-- 1 to 200, most documents have few
			(1 + floor(200 * power(pg_temp.pick(n, 3, 1000000) / 1000000.0, 6)))::int AS accounts
		FROM generate_series(1::bigint, :documents) n) r
	JOIN story s ON s.story = n % 20) d;

-- What the report knows before a date; NULL where it cannot tell.
CREATE FUNCTION pg_temp.never(truth) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN $1.disputed THEN NULL
	WHEN $1.first_on IS NOT NULL OR $1.borrowed_undated THEN false
	WHEN $1.unknown OR $1.farmer_on IS NOT NULL THEN NULL
	ELSE true END
$$;
CREATE FUNCTION pg_temp.never(truth, as_of date, lag int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN $1.disputed THEN NULL
	WHEN $1.first_on < as_of THEN false
	WHEN $1.borrowed_undated THEN CASE WHEN $1.reported_on < as_of THEN false END
	WHEN $1.unknown OR $1.farmer_on < as_of THEN NULL
	WHEN $1.reported_on + lag >= as_of THEN true END
$$;

---------------------------------------------------------------------------
-- Accounts: the first of those that count is that of first_on
---------------------------------------------------------------------------

CREATE TABLE account AS
SELECT n, i, t.person, 'A' || n || '-' || i AS id, k.business, nullif(k.class, 'R0') AS given_class, k.class,
	CASE WHEN s.counted = 'undated' OR s.counted = 'both' AND i % 3 = 2 AND NOT t.person THEN
		('{--,"",1900-01-01,9999-12-31,2019,NULL}'::text[])[1 + pg_temp.pick(n, 100 + i, 6)]
	ELSE (CASE i WHEN 1 THEN first_on ELSE first_on + pg_temp.pick(n, 500 + i, reported_on - first_on + 1)::int END)::text
		|| (ARRAY['', 'T09:30:00', ' 23:59:59'])[1 + pg_temp.pick(n, 900 + i, 3)] END AS opened
FROM truth t JOIN story s USING (story), generate_series(1, n_counted) i, LATERAL (SELECT (i + n / 20) % CASE WHEN t.person THEN 4 ELSE 16 END AS kind OFFSET 0) c
JOIN counted_kind k ON true
WHERE k.kind = c.kind AND k.person = t.person
UNION ALL
SELECT n, i, t.person, 'B' || n || '-' || i, CASE WHEN i = 1 AND farmer_on IS NOT NULL THEN '51' ELSE k.business END, nullif(k.class, 'R0'), k.class,
	(CASE WHEN i = 1 AND farmer_on IS NOT NULL THEN farmer_on ELSE reported_on - pg_temp.pick(n, 1300 + i, 5000)::int END)::text
		|| (ARRAY['', 'T09:30:00', ' 23:59:59'])[1 + pg_temp.pick(n, 1700 + i, 3)]
FROM truth t, generate_series(1, n_others) i, LATERAL (SELECT (i + n / 20) % 8 AS kind OFFSET 0) c
JOIN other_kind k ON true
WHERE k.kind = c.kind AND k.person = t.person;
UPDATE account SET given_class = 'R1' WHERE class = 'R0';

---------------------------------------------------------------------------
-- Units, each in XML and twice in JSON
---------------------------------------------------------------------------

-- The fields of a segment are written in XML, and turned into JSON from there; NULL is a missing element, '' an empty one.
CREATE TABLE segment (n bigint, grp text, unit text, seq int, segment text, fields text);
CREATE FUNCTION pg_temp.yes(n bigint, k int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT (1 + pg_temp.pick(n, k, 3))::text';

INSERT INTO segment
SELECT n, 'EAA', 'EA01', 1, s, f FROM truth, LATERAL (VALUES
	('EA01A', concat('<EA01AI01>' || 'R' || n || '</EA01AI01>', '<EA01AR01>' || reported_on || CASE n % 2 WHEN 0 THEN 'T09:30:00' ELSE '' END || '</EA01AR01>')),
	('EA01C', concat('<EA01CS01>1</EA01CS01>')),
	('EA01CH', concat('<EA01CD01>20</EA01CD01>', '<EA01CI01>' || '91350500MA' || lpad(n::text, 8, '0') || '</EA01CI01>')),
	('EA01D', concat('<EA01DS01>' || (CASE WHEN disputed THEN '1' WHEN n % 3 = 0 THEN '0' END) || '</EA01DS01>'))) x(s, f)
WHERE NOT person AND (s <> 'EA01D' OR disputed OR n % 3 = 0)
UNION ALL
SELECT n, 'PRH', 'PA01', 1, s, f FROM truth, LATERAL (VALUES
	('PA01A', concat('<PA01AI01>' || 'R' || n || '</PA01AI01>', '<PA01AR01>' || reported_on || 'T09:30:00' || '</PA01AR01>')),
	('PA01B', concat('<PA01BQ01>x</PA01BQ01>', '<PA01BD01>10</PA01BD01>', '<PA01BI01>' || '3505821970' || lpad(n::text, 8, '0') || '</PA01BI01>')),
	('PA01E', concat('<PA01ES01>1</PA01ES01>'))) x(s, f)
WHERE person AND (s <> 'PA01E' OR disputed)
UNION ALL	-- the notice; where it is not filled, it is missing or empty
SELECT n, 'EBA', 'EB01', 1, 'EB01A', CASE WHEN notice THEN
		concat('<EB01AR01>' || (CASE WHEN n / 20 % 3 < 2 THEN (2000 + n % 20)::text END) || '</EB01AR01>', '<EB01AS01>' || (CASE WHEN n / 20 % 3 > 0 THEN pg_temp.yes(n, 20) END) || '</EB01AS01>', '<EB01AS02>0</EB01AS02>')
	ELSE concat('<EB01AR01>' || (CASE n % 3 WHEN 0 THEN '--' ELSE '' END) || '</EB01AR01>', '<EB01AR02>2018</EB01AR02>', '<EB01AS01>' || (CASE n % 2 WHEN 0 THEN '0' ELSE '' END) || '</EB01AS01>', '<EB01AS02>0</EB01AS02>') END
FROM truth JOIN story USING (story) WHERE notice OR notice = false AND n / 20 % 2 = 0
UNION ALL	-- the summary of borrowings, unsettled or settled
SELECT n, 'EBB', 'EB02', 1, CASE n / 20 % 2 WHEN 0 THEN 'EB02AH' ELSE 'EB02BH' END,
	CASE n / 20 % 2 WHEN 0 THEN concat('<EB02AD01>' || class::text || '</EB02AD01>', '<EB02AD02>1</EB02AD02>', '<EB02AS04>' || count || '</EB02AS04>', '<EB02AJ06>0</EB02AJ06>')
	ELSE concat('<EB02BD01>' || class::text || '</EB02BD01>', '<EB02BD02>1</EB02BD02>', '<EB02BS04>' || count || '</EB02BS04>') END
FROM (SELECT n, class, CASE WHEN eb02 = '1-3' AND class = 1 + n / 20 % 3 OR eb02 = '4' AND class = 4 OR eb02 IN ('1-3', '4') AND class = 0 THEN pg_temp.yes(n, 30) ELSE '0' END AS count
	FROM truth JOIN story USING (story), generate_series(0, 4) class WHERE eb02 IS NOT NULL) c
UNION ALL	-- guarantee transactions, in one of three places or all
SELECT n, 'EBC', 'EB03', 1, 'EB03AH', concat('<EB03AD01>' || class::text || '</EB03AD01>', '<EB03AD02>1</EB03AD02>', '<EB03AS02>' || (CASE WHEN guarantees AND n / 20 % 4 IN (0, 3) AND class IN (0, 1 + n / 80 % 3) THEN pg_temp.yes(n, 40) ELSE '0' END) || '</EB03AS02>')
FROM truth JOIN story USING (story), generate_series(0, 3) class WHERE guarantees AND n / 20 % 4 IN (0, 3) OR guarantees = false AND n / 20 % 3 = 0
UNION ALL
SELECT n, 'EDB', 'ED04', i, 'ED04A', concat('<ED04AI01>' || 'G' || n || '-' || i || '</ED04AI01>', '<ED04AD01>1</ED04AD01>', '<ED04AD02>1</ED04AD02>', '<ED04AR01>' || (reported_on - 2000)::text || '</ED04AR01>')
FROM truth JOIN story USING (story), generate_series(1, 1 + n / 20 % 2) i WHERE guarantees AND n / 20 % 4 IN (1, 3)
UNION ALL
SELECT n, 'EDB', 'ED05', 1, '', concat('<ED050I01>B10611000H0001</ED050I01>', '<ED050D01>2</ED050D01>', '<ED050S01>' || pg_temp.yes(n, 50) || '</ED050S01>', '<ED050J01>100000</ED050J01>')
FROM truth JOIN story USING (story) WHERE guarantees AND n / 20 % 4 IN (2, 3)
UNION ALL	-- discounts by institution
SELECT n, 'EDA', 'ED02', i, '', concat('<ED020I01>' || 'B10611000H000' || i || '</ED020I01>', '<ED020D01>21</ED020D01>', '<ED020S01>' || (CASE WHEN ed02 = 'some' AND i = 1 AND n / 20 % 2 = 0 THEN pg_temp.yes(n, 60) ELSE '0' END) || '</ED020S01>', '<ED020J01>0</ED020J01>', '<ED020S02>' || (CASE WHEN ed02 = 'some' AND i = 1 AND n / 20 % 2 = 1 THEN pg_temp.yes(n, 61) ELSE CASE n % 2 WHEN 0 THEN '0' ELSE '' END END) || '</ED020S02>')
FROM truth JOIN story USING (story), generate_series(1, 1 + n / 20 % 3) i WHERE ed02 IS NOT NULL
UNION ALL	-- what never counts: lines and repayment liabilities
SELECT n, grp, unit, 1, segment, fields
FROM truth, LATERAL (VALUES
	('EBD', 'EB04', '', concat('<EB040J01>5000000</EB040J01>', '<EB040J02>0</EB040J02>')),
	('EBE', 'EB05', 'EB05A', concat('<EB05AS01>3</EB05AS01>')),
	('EDC', 'ED06', 'ED06A', concat('<ED06AI01>' || 'L' || n || '</ED06AI01>', '<ED06AD01>1</ED06AD01>', '<ED06AR01>' || (reported_on - 3000)::text || '</ED06AR01>')),
	('EDD', 'ED07', 'ED07A', concat('<ED07AI01>' || 'Z' || n || '</ED07AI01>', '<ED07AD01>11</ED07AD01>', '<ED07AR01>' || (reported_on - 3000)::text || '</ED07AR01>'))) x(grp, unit, segment, fields)
WHERE NOT person AND n / 20 % 2 = 1;

CREATE TABLE unit AS
SELECT n, grp, unit, seq, string_agg(xml, '' ORDER BY segment) AS xml,
	'{' || string_agg(CASE count WHEN 1 THEN name || json ELSE name || '[' || json || ']' END, ',' ORDER BY segment) || '}' AS json,
	'{' || string_agg(CASE segment WHEN '' THEN json ELSE name || '[' || json || ']' END, ',' ORDER BY segment) || '}' AS arrays
FROM (SELECT n, grp, unit, seq, segment, count(*) AS count, CASE segment WHEN '' THEN '' ELSE '"' || segment || '":' END AS name,
		string_agg(CASE segment WHEN '' THEN fields ELSE '<' || segment || '>' || fields || '</' || segment || '>' END, '' ORDER BY fields) AS xml,
		string_agg(CASE segment WHEN '' THEN json ELSE '{' || json || '}' END, ',' ORDER BY fields) AS json
	FROM (SELECT *, rtrim(regexp_replace(fields, '<(\w+)>([^<]*)</\w+>', '"\1":"\2",', 'g'), ',') AS json FROM segment) f
	GROUP BY n, grp, unit, seq, segment) s
GROUP BY n, grp, unit, seq;

-- accounts, settled ones among them
INSERT INTO unit
SELECT n, CASE WHEN person THEN 'PDA' ELSE 'EDA' END, left(segment, 4), i,
	'<' || segment || '>' || fields || '</' || segment || '>', '{"' || segment || '":{' || json || '}}', '{"' || segment || '":[{' || json || '}]}'
FROM (SELECT *, CASE WHEN person THEN 'PD01A' ELSE 'ED01A' END AS segment,
		CASE WHEN person THEN concat('<PD01AI01>' || id || '</PD01AI01>', '<PD01AD01>' || given_class || '</PD01AD01>', '<PD01AD03>' || business || '</PD01AD03>',
			'<PD01AR01>' || opened || '</PD01AR01><PD01AJ01>200000</PD01AJ01>')
		ELSE concat('<ED01AI01>' || id || '</ED01AI01>', '<ED01AD01>' || status || '</ED01AD01>', '<ED01AD02>' || given_class || '</ED01AD02>', '<ED01AD05>' || business || '</ED01AD05>',
			'<ED01AR01>' || opened || '</ED01AR01>', '<ED01AJ01>' || amount || '</ED01AJ01>', '<ED01AD08>3</ED01AD08><ED01AD09>--</ED01AD09>') END AS fields,
		CASE WHEN person THEN concat_ws(',', '"PD01AI01":"' || id || '"', '"PD01AD01":"' || given_class || '"', '"PD01AD03":"' || business || '"',
			'"PD01AR01":"' || opened || '"', '"PD01AJ01":"200000"')
		ELSE concat_ws(',', '"ED01AI01":"' || id || '"', '"ED01AD01":"' || status || '"', '"ED01AD02":"' || given_class || '"', '"ED01AD05":"' || business || '"',
			'"ED01AR01":"' || opened || '"', '"ED01AJ01":"' || amount || '"', '"ED01AD08":"3","ED01AD09":"--"') END AS json
	FROM (SELECT *, 1 + i % 2 AS status, CASE class WHEN 'R0' THEN 0 ELSE 500000 END AS amount FROM account OFFSET 0) r) a;

CREATE TABLE documents AS
SELECT n, ('<?xml version="1.0" encoding="UTF-8"?><Document>' || string_agg('<' || grp || '>' || xml || '</' || grp || '>', '' ORDER BY grp) || CASE n % 5 WHEN 0 THEN '<EDB/>' ELSE '' END || '</Document>')::xml AS xml,
	('{"Document":{' || string_agg('"' || grp || '":{' || json || '}', ',') || '}}')::jsonb AS json,
	('{"Document":[{' || string_agg('"' || grp || '":[{' || arrays || '}]', ',') || '}]}')::jsonb AS arrays
FROM (SELECT n, grp, string_agg(xml, '' ORDER BY unit) AS xml, string_agg(json, ',') AS json, string_agg(arrays, ',') AS arrays
	FROM (SELECT n, grp, unit, '<' || unit || '>' || string_agg(xml, '</' || unit || '><' || unit || '>' ORDER BY seq) || '</' || unit || '>' AS xml,
			'"' || unit || '":' || CASE count(*) WHEN 1 THEN min(json) ELSE '[' || string_agg(json, ',' ORDER BY seq) || ']' END AS json,
			'"' || unit || '":[' || string_agg(arrays, ',' ORDER BY seq) || ']' AS arrays
		FROM unit GROUP BY n, grp, unit) u
	GROUP BY n, grp) g
GROUP BY n;
ALTER TABLE documents ADD PRIMARY KEY (n);
DROP TABLE segment, unit, account;
ANALYZE;
