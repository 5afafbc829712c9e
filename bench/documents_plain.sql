-- bench/documents_plain.sql: never_borrowed() of a document without the extension
--
-- The logic of domain.md, section 4, for the documents of documents.sql: a
-- revolving account of amount 0 was never drawn.

CREATE SCHEMA plain;

CREATE FUNCTION plain.answer(disputed boolean, counted boolean, accounts boolean, unknown boolean, summary boolean, notice boolean, guarantees boolean)
	RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN disputed THEN NULL WHEN counted THEN false
	WHEN unknown OR NOT accounts AND (summary OR notice AND NOT guarantees) THEN NULL ELSE true END
$$;

-- jsonb_path_query: the accounts as rows, then SQL
CREATE FUNCTION plain.json_query(doc jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT plain.answer(
	EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EAA.EA01.EA01D.EA01DS01') v WHERE v #>> '{}' NOT IN ('0', ''))
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.PRH.PA01.PA01E.PA01ES01') v WHERE v #>> '{}' NOT IN ('0', '')),
	coalesce(a.counted, false) OR coalesce(p.counted, false)
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EDA.ED02[*]') d WHERE d ->> 'ED020S01' NOT IN ('0', '') OR d ->> 'ED020S02' NOT IN ('0', ''))
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EBB.EB02.EB02AH[*]') d WHERE d ->> 'EB02AD01' = '4' AND d ->> 'EB02AS04' NOT IN ('0', ''))
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EBB.EB02.EB02BH[*]') d WHERE d ->> 'EB02BD01' = '4' AND d ->> 'EB02BS04' NOT IN ('0', '')),
	a.n + p.n > 0, coalesce(p.unknown, false),
	EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EBB.EB02.EB02AH[*]') d WHERE d ->> 'EB02AD01' <> '4' AND d ->> 'EB02AS04' NOT IN ('0', ''))
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EBB.EB02.EB02BH[*]') d WHERE d ->> 'EB02BD01' <> '4' AND d ->> 'EB02BS04' NOT IN ('0', '')),
	EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EBA.EB01.EB01A[*]') d WHERE d ->> 'EB01AR01' NOT IN ('', '--') OR d ->> 'EB01AS01' NOT IN ('0', '', '--')),
	EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EBC.EB03.EB03AH[*]') d WHERE d ->> 'EB03AS02' NOT IN ('0', ''))
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EDB.ED04[*]'))
		OR EXISTS (SELECT FROM jsonb_path_query(doc, '$.Document.EDB.ED05[*]') d WHERE d ->> 'ED050S01' NOT IN ('0', '')))
FROM (SELECT count(*) AS n, bool_or(business = '21' OR class = 'D2'
			OR (business IN ('11', '12', '13', '14', '16', '41', '51') OR class = 'C1') AND NOT (class = 'R1' AND amount = '0')) AS counted
		FROM (SELECT coalesce(x ->> 'ED01AD05', '') AS business, coalesce(x ->> 'ED01AD02', '') AS class, coalesce(x ->> 'ED01AJ01', '') AS amount
			FROM jsonb_path_query(doc, '$.Document.EDA.ED01.ED01A[*]') x) r) a,
	(SELECT count(*) AS n, bool_or(x ->> 'PD01AD03' IN ('41', '52')) AS counted, bool_or(x ->> 'PD01AD03' = '51') AS unknown
		FROM jsonb_path_query(doc, '$.Document.PDA.PD01.PD01A[*]') x) p
$$;

-- jsonb_path_exists: all in the path language
CREATE FUNCTION plain.json_exists(doc jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT plain.answer(
	jsonb_path_exists(doc, '$.Document.EAA.EA01.EA01D.EA01DS01 ? (@ != "0" && @ != "")') OR jsonb_path_exists(doc, '$.Document.PRH.PA01.PA01E.PA01ES01 ? (@ != "0" && @ != "")'),
	jsonb_path_exists(doc, '$.Document.EDA.ED01.ED01A ? (@.ED01AD05 == "21" || @.ED01AD02 == "D2" || (@.ED01AD05 == "11" || @.ED01AD05 == "12" || @.ED01AD05 == "13" || @.ED01AD05 == "14" || @.ED01AD05 == "16" || @.ED01AD05 == "41" || @.ED01AD05 == "51" || @.ED01AD02 == "C1") && !(@.ED01AD02 == "R1" && @.ED01AJ01 == "0"))')
		OR jsonb_path_exists(doc, '$.Document.PDA.PD01.PD01A ? (@.PD01AD03 == "41" || @.PD01AD03 == "52")')
		OR jsonb_path_exists(doc, '$.Document.EDA.ED02 ? (@.ED020S01 != "0" && @.ED020S01 != "" || @.ED020S02 != "0" && @.ED020S02 != "")')
		OR jsonb_path_exists(doc, '$.Document.EBB.EB02 ? (exists(@.EB02AH ? (@.EB02AD01 == "4" && @.EB02AS04 != "0" && @.EB02AS04 != "")) || exists(@.EB02BH ? (@.EB02BD01 == "4" && @.EB02BS04 != "0" && @.EB02BS04 != "")))'),
	jsonb_path_exists(doc, '$.Document.EDA.ED01') OR jsonb_path_exists(doc, '$.Document.PDA.PD01'),
	jsonb_path_exists(doc, '$.Document.PDA.PD01.PD01A ? (@.PD01AD03 == "51")'),
	jsonb_path_exists(doc, '$.Document.EBB.EB02 ? (exists(@.EB02AH ? (@.EB02AD01 != "4" && @.EB02AS04 != "0" && @.EB02AS04 != "")) || exists(@.EB02BH ? (@.EB02BD01 != "4" && @.EB02BS04 != "0" && @.EB02BS04 != "")))'),
	jsonb_path_exists(doc, '$.Document.EBA.EB01.EB01A ? (@.EB01AR01 != "" && @.EB01AR01 != "--" || @.EB01AS01 != "0" && @.EB01AS01 != "" && @.EB01AS01 != "--")'),
	jsonb_path_exists(doc, '$.Document.EBC.EB03.EB03AH ? (@.EB03AS02 != "0" && @.EB03AS02 != "")') OR jsonb_path_exists(doc, '$.Document.EDB.ED04')
		OR jsonb_path_exists(doc, '$.Document.EDB.ED05 ? (@.ED050S01 != "0" && @.ED050S01 != "")'))
$$;

-- XMLTABLE: the accounts as rows, and the rest in one row
CREATE FUNCTION plain.xml_rows(doc xml) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT plain.answer(d.disputed, d.counted OR coalesce(a.counted, false), a.n > 0, coalesce(a.unknown, false), d.summary, d.notice, d.guarantees)
FROM XMLTABLE('/Document' PASSING doc COLUMNS
		disputed boolean PATH 'boolean(EAA/EA01/EA01D/EA01DS01[. > 0] | PRH/PA01/PA01E/PA01ES01[. > 0])',
		counted boolean PATH 'boolean(EDA/ED02[ED020S01 > 0 or ED020S02 > 0] | EBB/EB02/EB02AH[EB02AD01 = 4 and EB02AS04 > 0] | EBB/EB02/EB02BH[EB02BD01 = 4 and EB02BS04 > 0])',
		summary boolean PATH 'boolean(EBB/EB02/EB02AH[EB02AD01 != 4 and EB02AS04 > 0] | EBB/EB02/EB02BH[EB02BD01 != 4 and EB02BS04 > 0])',
		notice boolean PATH 'boolean(EBA/EB01/EB01A[EB01AR01 > 0 or EB01AS01 > 0])',
		guarantees boolean PATH 'boolean(EBC/EB03/EB03AH[EB03AS02 > 0] | EDB/ED04 | EDB/ED05[ED050S01 > 0])') d,
	(SELECT count(*) AS n, bool_or(person IN ('41', '52') OR business = '21' OR class = 'D2'
			OR (business IN ('11', '12', '13', '14', '16', '41', '51') OR class = 'C1') AND NOT (class = 'R1' AND amount = '0')) AS counted,
			bool_or(person = '51') AS unknown
		FROM XMLTABLE('/Document/EDA/ED01/ED01A | /Document/PDA/PD01/PD01A' PASSING doc COLUMNS
			person text PATH 'PD01AD03' DEFAULT '', business text PATH 'ED01AD05' DEFAULT '', class text PATH 'ED01AD02' DEFAULT '', amount text PATH 'ED01AJ01' DEFAULT '')) a
$$;

-- XMLTABLE: all in XPath
CREATE FUNCTION plain.xml_paths(doc xml) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT plain.answer(disputed, counted, accounts, unknown, summary, notice, guarantees)
FROM XMLTABLE('/Document' PASSING doc COLUMNS
		disputed boolean PATH 'boolean(EAA/EA01/EA01D/EA01DS01[. > 0] | PRH/PA01/PA01E/PA01ES01[. > 0])',
		counted boolean PATH 'boolean(EDA/ED02[ED020S01 > 0 or ED020S02 > 0] | EBB/EB02/EB02AH[EB02AD01 = 4 and EB02AS04 > 0] | EBB/EB02/EB02BH[EB02BD01 = 4 and EB02BS04 > 0]
			| EDA/ED01/ED01A[ED01AD05 = 21 or ED01AD02 = "D2" or (ED01AD05 = 11 or ED01AD05 = 12 or ED01AD05 = 13 or ED01AD05 = 14 or ED01AD05 = 16 or ED01AD05 = 41 or ED01AD05 = 51 or ED01AD02 = "C1") and not(ED01AD02 = "R1" and ED01AJ01 = 0)]
			| PDA/PD01/PD01A[PD01AD03 = 41 or PD01AD03 = 52])',
		accounts boolean PATH 'boolean(EDA/ED01 | PDA/PD01)',
		unknown boolean PATH 'boolean(PDA/PD01/PD01A[PD01AD03 = 51])',
		summary boolean PATH 'boolean(EBB/EB02/EB02AH[EB02AD01 != 4 and EB02AS04 > 0] | EBB/EB02/EB02BH[EB02BD01 != 4 and EB02BS04 > 0])',
		notice boolean PATH 'boolean(EBA/EB01/EB01A[EB01AR01 > 0 or EB01AS01 > 0])',
		guarantees boolean PATH 'boolean(EBC/EB03/EB03AH[EB03AS02 > 0] | EDB/ED04 | EDB/ED05[ED050S01 > 0])')
$$;
