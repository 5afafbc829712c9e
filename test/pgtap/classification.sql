\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only true
\pset pager off
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;

SELECT plan(282);

-- domain.md, section 7: X persons, Y revenue, Z assets; NULL where not used
CREATE TEMP TABLE bound (grp text, class int, x int, y numeric, z numeric);	-- class 1 large, 2 medium, 3 small
INSERT INTO bound VALUES
	('agriculture', 1, NULL, 20000, NULL), ('agriculture', 2, NULL, 500, NULL), ('agriculture', 3, NULL, 50, NULL),
	('industry', 1, 1000, 40000, NULL), ('industry', 2, 300, 2000, NULL), ('industry', 3, 20, 300, NULL),
	('construction', 1, NULL, 80000, 80000), ('construction', 2, NULL, 6000, 5000), ('construction', 3, NULL, 300, 300),
	('wholesale', 1, 200, 40000, NULL), ('wholesale', 2, 20, 5000, NULL), ('wholesale', 3, 5, 1000, NULL),
	('retail', 1, 300, 20000, NULL), ('retail', 2, 50, 500, NULL), ('retail', 3, 10, 100, NULL),
	('transport', 1, 1000, 30000, NULL), ('transport', 2, 300, 3000, NULL), ('transport', 3, 20, 200, NULL),
	('storage', 1, 200, 30000, NULL), ('storage', 2, 100, 1000, NULL), ('storage', 3, 20, 100, NULL),
	('post', 1, 1000, 30000, NULL), ('post', 2, 300, 2000, NULL), ('post', 3, 20, 100, NULL),
	('lodging and catering', 1, 300, 10000, NULL), ('lodging and catering', 2, 100, 2000, NULL), ('lodging and catering', 3, 10, 100, NULL),
	('information', 1, 2000, 100000, NULL), ('information', 2, 100, 1000, NULL), ('information', 3, 10, 100, NULL),
	('software', 1, 300, 10000, NULL), ('software', 2, 100, 1000, NULL), ('software', 3, 10, 50, NULL),
	('real estate', 1, NULL, 200000, 10000), ('real estate', 2, NULL, 1000, 5000), ('real estate', 3, NULL, 100, 2000),
	('property', 1, 1000, 5000, NULL), ('property', 2, 300, 1000, NULL), ('property', 3, 100, 500, NULL),
	('leasing', 1, 300, NULL, 120000), ('leasing', 2, 100, NULL, 8000), ('leasing', 3, 10, NULL, 100),
	('other', 1, 300, NULL, NULL), ('other', 2, 100, NULL, NULL), ('other', 3, 10, NULL, NULL);

-- the same section: who belongs to which group, by 4-digit class
CREATE TEMP TABLE industry AS
SELECT code, CASE
		WHEN d BETWEEN 1 AND 5 THEN 'agriculture' WHEN d BETWEEN 6 AND 46 THEN 'industry' WHEN d BETWEEN 47 AND 50 THEN 'construction'
		WHEN d = 51 THEN 'wholesale' WHEN d = 52 THEN 'retail' WHEN d BETWEEN 54 AND 58 THEN 'transport' WHEN d = 59 THEN 'storage'
		WHEN d = 60 THEN 'post' WHEN d IN (61, 62) THEN 'lodging and catering' WHEN d IN (63, 64) THEN 'information' WHEN d = 65 THEN 'software'
		WHEN left(code, 3) = '701' THEN 'real estate' WHEN left(code, 3) = '702' THEN 'property'
		-- 700 is division 70 padded with zeros: not known what
		WHEN d = 70 AND left(code, 3) NOT IN ('700', '704') THEN 'other'
		WHEN d IN (71, 72) THEN 'leasing' WHEN d BETWEEN 73 AND 82 OR d = 85 OR d BETWEEN 86 AND 90 THEN 'other' END AS grp
FROM (SELECT lpad(n::text, 4, '0') AS code, n / 100 AS d FROM generate_series(0, 9999) n) c;
CREATE TEMP TABLE sample AS
SELECT DISTINCT ON (grp) grp, code FROM industry WHERE grp IS NOT NULL ORDER BY grp, code;
SELECT is((SELECT count(*) FROM sample), 15::bigint, '15 groups');

CREATE TEMP TABLE class AS SELECT * FROM (VALUES (1, 'large'), (2, 'medium'), (3, 'small'), (4, 'micro')) AS t (class, label);

-- each bound of each class of each group: at it, one below, one above
SELECT is(enterprise_scale(code, x, y, z)::text, label, format('%s: at the bounds of %s', grp, label))
FROM bound JOIN sample USING (grp) JOIN class USING (class) ORDER BY grp, class;
SELECT is(enterprise_scale(code, x + 1, y + 0.01, z + 0.01)::text, label, format('%s: above the bounds of %s', grp, label))
FROM bound JOIN sample USING (grp) JOIN class USING (class) ORDER BY grp, class;
SELECT is(enterprise_scale(code, x - 1, y, z)::text, below.label, format('%s: one person below %s', grp, class.label))
FROM bound JOIN sample USING (grp) JOIN class USING (class) JOIN class below ON below.class = class.class + 1 WHERE x IS NOT NULL ORDER BY grp, class.class;
SELECT is(enterprise_scale(code, x, y - 0.01, z)::text, below.label, format('%s: revenue a hair below %s', grp, class.label))
FROM bound JOIN sample USING (grp) JOIN class USING (class) JOIN class below ON below.class = class.class + 1 WHERE y IS NOT NULL ORDER BY grp, class.class;
SELECT is(enterprise_scale(code, x, y, z - 0.01)::text, below.label, format('%s: assets a hair below %s', grp, class.label))
FROM bound JOIN sample USING (grp) JOIN class USING (class) JOIN class below ON below.class = class.class + 1 WHERE z IS NOT NULL ORDER BY grp, class.class;
-- an indicator that is needed and missing leaves it open, however small the rest
SELECT is(enterprise_scale(code, NULL, 0, 0), NULL, format('%s: persons missing', grp)) FROM bound JOIN sample USING (grp) WHERE class = 1 AND x IS NOT NULL;
SELECT is(enterprise_scale(code, 0, NULL, 0), NULL, format('%s: revenue missing', grp)) FROM bound JOIN sample USING (grp) WHERE class = 1 AND y IS NOT NULL;
SELECT is(enterprise_scale(code, 0, 0, NULL), NULL, format('%s: assets missing', grp)) FROM bound JOIN sample USING (grp) WHERE class = 1 AND z IS NOT NULL;

-- "must meet all the bounds, else one class down, again and again", over the
-- grid of all bounds and their neighbours
CREATE TEMP TABLE grid_x AS SELECT DISTINCT grp, x + d AS v FROM bound, unnest('{-1,0,1,NULL}'::int[]) d WHERE x IS NOT NULL UNION SELECT grp, NULL FROM sample UNION SELECT grp, 0 FROM sample;
CREATE TEMP TABLE grid_y AS SELECT DISTINCT grp, y + d AS v FROM bound, unnest('{-1,-0.01,0,0.01,NULL}'::numeric[]) d WHERE y IS NOT NULL UNION SELECT grp, NULL FROM sample UNION SELECT grp, 0 FROM sample;
CREATE TEMP TABLE grid_z AS SELECT DISTINCT grp, z + d AS v FROM bound, unnest('{-1,-0.01,0,0.01,NULL}'::numeric[]) d WHERE z IS NOT NULL UNION SELECT grp, NULL FROM sample UNION SELECT grp, 0 FROM sample;
CREATE TEMP TABLE tried AS
SELECT grp, x.v AS x, y.v AS y, z.v AS z, enterprise_scale(code, x.v, y.v, z.v)::text AS got,
	(SELECT CASE WHEN bool_or((b.x IS NOT NULL AND x.v IS NULL) OR (b.y IS NOT NULL AND y.v IS NULL) OR (b.z IS NOT NULL AND z.v IS NULL)) THEN NULL
				 ELSE (SELECT label FROM class WHERE class.class =
						coalesce(min(b.class) FILTER (WHERE (b.x IS NULL OR x.v >= b.x) AND (b.y IS NULL OR y.v >= b.y) AND (b.z IS NULL OR z.v >= b.z)), 4)) END
	 FROM bound b WHERE b.grp = sample.grp) AS expected
FROM sample JOIN grid_x x USING (grp) JOIN grid_y y USING (grp) JOIN grid_z z USING (grp);
SELECT cmp_ok((SELECT count(*) FROM tried WHERE expected IS NOT NULL), '>', 1000::bigint, 'a grid with thousands of points');
SELECT is_empty('SELECT * FROM tried WHERE got IS DISTINCT FROM expected', 'all of them classed as the rule says');

-- Every class, group and division of the industry code lands where it should.
-- Enterprises that stand at the bounds of one group tell it from all others.
CREATE TEMP TABLE probe AS
SELECT row_number() OVER () AS n, * FROM (SELECT DISTINCT coalesce(x, 5000) AS x, coalesce(y, 500000) AS y, coalesce(z, 500000) AS z FROM bound) b;
CREATE TEMP TABLE probed AS
SELECT grp, (SELECT string_agg((SELECT label FROM class WHERE class.class = coalesce(
				(SELECT min(b.class) FROM bound b WHERE b.grp = s.grp AND (b.x IS NULL OR p.x >= b.x) AND (b.y IS NULL OR p.y >= b.y) AND (b.z IS NULL OR p.z >= b.z)), 4)), ',' ORDER BY p.n)
			 FROM probe p) AS signature
FROM sample s;
CREATE FUNCTION pg_temp.signature(code text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(enterprise_scale(code, x, y, z)::text, ',' ORDER BY n) FROM probe$$;
SELECT is((SELECT count(DISTINCT signature) FROM probed), 15::bigint, 'the probes tell all groups apart');
SELECT is_empty($$SELECT code, grp FROM industry LEFT JOIN probed USING (grp) WHERE pg_temp.signature(code) IS DISTINCT FROM signature$$, 'all 4-digit codes');
SELECT is_empty($$SELECT left(code, 3) FROM industry LEFT JOIN probed USING (grp) GROUP BY 1
	HAVING pg_temp.signature(left(code, 3)) IS DISTINCT FROM min(signature)$$, 'all 3-digit codes');
SELECT is_empty($$SELECT left(code, 2) FROM industry LEFT JOIN probed USING (grp) GROUP BY 1
	HAVING pg_temp.signature(left(code, 2)) IS DISTINCT FROM CASE WHEN count(DISTINCT grp) = 1 AND count(grp) = count(*) THEN min(signature) END$$,
	'all 2-digit codes: undecided where the division is split');
-- sections of GB/T 4754-2017
CREATE TEMP TABLE section AS SELECT * FROM (VALUES ('A', 1, 5), ('B', 6, 12), ('C', 13, 43), ('D', 44, 46), ('E', 47, 50), ('F', 51, 52), ('G', 53, 60), ('H', 61, 62),
	('I', 63, 65), ('J', 66, 69), ('K', 70, 70), ('L', 71, 72), ('M', 73, 75), ('N', 76, 79), ('O', 80, 82), ('P', 83, 83), ('Q', 84, 85), ('R', 86, 90), ('S', 91, 96), ('T', 97, 97)) AS t (letter, first, last);
SELECT is(pg_temp.signature(letter), (SELECT CASE WHEN count(DISTINCT grp) = 1 AND count(grp) = count(*) THEN min(signature) END
	FROM industry LEFT JOIN probed USING (grp) WHERE left(code, 2)::int BETWEEN first AND last), 'section ' || letter) FROM section;
CREATE FUNCTION pg_temp.try_signature(code text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(pg_temp.signature(code), 'none');
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN 'refused';
END $$;
SELECT is_empty($$SELECT letter, d FROM section, generate_series(0, 99) d, LATERAL (SELECT lpad(d::text, 2, '0') AS dd) t
	WHERE pg_temp.try_signature(letter || dd || '5') IS DISTINCT FROM CASE WHEN d BETWEEN first AND last THEN pg_temp.try_signature(dd || '5') ELSE 'refused' END$$,
	'a letter goes with the divisions of its section and no other');

-- eligibility over everything, against the rule in plain SQL
CREATE TEMP TABLE everyone AS
SELECT k::text, s::text, o::text, is_eligible(k, s, o) AS got,
	is_eligible(k, s, o, '{private}') AS got_private, is_eligible(k, s, o, '{private,hmt,foreign}') AS got_wide,
	is_eligible(k, s, o, '{}') AS got_nobody, is_eligible(k, s, o, NULL) AS got_unsaid
FROM unnest(enum_range(NULL::borrower_kind) || NULL::borrower_kind) k, unnest(enum_range(NULL::enterprise_scale) || NULL::enterprise_scale) s,
	unnest(enum_range(NULL::ownership) || NULL::ownership) o;
SELECT is((SELECT count(*) FROM everyone), 150::bigint, '150 combinations');
SELECT is_empty($$SELECT * FROM everyone WHERE got IS DISTINCT FROM (o = 'private' OR s = 'small' OR s = 'micro' OR k = 'sole_proprietor' OR k = 'micro_owner')$$,
	'eligible: private, small, micro, or a person in business');
SELECT is_empty('SELECT * FROM everyone WHERE got IS DISTINCT FROM got_private', 'private means private by default');
SELECT is_empty($$SELECT * FROM everyone WHERE got_wide IS DISTINCT FROM (o = 'private' OR o = 'hmt' OR o = 'foreign' OR s = 'small' OR s = 'micro' OR k = 'sole_proprietor' OR k = 'micro_owner')$$,
	'or all that is not public');
SELECT is_empty($$SELECT * FROM everyone WHERE got_nobody IS DISTINCT FROM (false OR s = 'small' OR s = 'micro' OR k = 'sole_proprietor' OR k = 'micro_owner')$$,
	'or nobody');
SELECT is_empty($$SELECT * FROM everyone WHERE got_unsaid IS DISTINCT FROM (NULL OR s = 'small' OR s = 'micro' OR k = 'sole_proprietor' OR k = 'micro_owner')$$,
	'or it is not said');
SELECT is(is_eligible('enterprise', 'micro', 'state'), true, 'a state-owned micro enterprise counts');
SELECT is(is_eligible('enterprise', 'large', 'private'), true, 'so does a large private one');
SELECT is(is_eligible('enterprise', 'large', 'state'), false, 'a large state-owned one does not');
SELECT is(is_eligible('enterprise', 'medium', NULL), NULL, 'unknown stays unknown');

-- ownership lists of section 5
SELECT is(ownership(code, list)::text, owner, format('%s of %s', code, list))
FROM (VALUES ('pboc_basic', '{A01,A0101,A0102,A0100}'::text[], 'state'), ('pboc_basic', '{A02,A0201,A0202}', 'collective'),
	('pboc_basic', '{B01,B0101,B0102,B0100}', 'private'), ('pboc_basic', '{B02,B0201,B0202,B0200}', 'hmt'), ('pboc_basic', '{B03,B0301,B0302,B0300}', 'foreign'),
	('pboc_basic', '{C01,C02,D01,E01,B04,X,B,B1}', NULL),
	('pboc_variant', '{A01,A02}', 'state'), ('pboc_variant', '{B01,B02,B0101}', 'collective'), ('pboc_variant', '{C01,C02}', 'private'),
	('pboc_variant', '{D01,D02}', 'hmt'), ('pboc_variant', '{E01,E02}', 'foreign'), ('pboc_variant', '{B03,F01}', NULL)) AS t (list, codes, owner), unnest(codes) code;

-- loan_class: every borrowing has one, whatever is known
SELECT is_empty($$SELECT * FROM unnest('{loan,discount,贷款,贴现,票据贴现,NULL}'::text[]) i, unnest('{none,mortgage,combined,unknown,guarantee+unknown,NULL}'::loan_security[]) s
	WHERE loan_class(i, s)::text IS DISTINCT FROM CASE WHEN i IS NULL THEN 'unclassified' WHEN i IN ('discount', '贴现', '票据贴现') THEN 'discount'
		WHEN is_pure_credit(s) THEN 'pure_credit' WHEN NOT is_pure_credit(s) THEN 'secured' ELSE 'unclassified' END$$, 'loan_class');
SELECT throws_ok($$SELECT loan_class('lease', NULL)$$, '22023', 'unknown instrument "lease"', 'an unknown instrument');

SELECT * FROM finish();
ROLLBACK;
