-- loan_class, borrower_kind, enterprise_scale, ownership, is_eligible: forms and errors
SET search_path = first_loan, public;

SELECT enum_range(NULL::loan_class), enum_range(NULL::enterprise_scale), enum_range(NULL::ownership), enum_range(NULL::borrower_kind);

-- loan_class
SELECT i AS instrument, s AS security, loan_class(i, s)
FROM unnest('{loan,discount,NULL}'::text[]) WITH ORDINALITY AS a (i, n),
	unnest('{none,mortgage,pledge+guarantee,combined,unknown,unknown+pledge,NULL}'::loan_security[]) WITH ORDINALITY AS b (s, m)
ORDER BY n, m;
SELECT i, loan_class(i, 'none') FROM unnest(ARRAY['Loan', ' LOAN ', '贷款', '贴现', '票据贴现', '　贴现　', 'Discount', '', '--']) i;
SELECT loan_class('lease', 'none');
SELECT loan_class('承兑', NULL);

-- The functions that share their name with an enum work on a literal and on
-- every string type, where PostgreSQL would otherwise see a cast.
SELECT enterprise_scale('CS03'), enterprise_scale('small'), first_loan.enterprise_scale('CS01');
SELECT enterprise_scale('CS03'::text), enterprise_scale('CS03'::varchar), enterprise_scale('CS03'::char(6)), enterprise_scale(code => 'CS03');
SELECT borrower_kind('914403001922038216'), borrower_kind('92350582MA2XXXXXX5'), borrower_kind('sole_proprietor'), borrower_kind('micro_owner');
SELECT borrower_kind('914403001922038216'::text), borrower_kind('914403001922038216'::varchar), borrower_kind('914403001922038216'::char(20)),
	borrower_kind('914403001922038216'::uscc), borrower_kind('enterprise'::text);
SELECT borrower_kind(code::uscc), borrower_kind(code) FROM unnest(ARRAY['93350582MA2XXXXXX5', '12350582MA2XXXXXX5', '91350582MA2XXXXXX5', '92350582MA2XXXXXX5', '19350582MA2XXXXXX5', '90350582MA2XXXXXX5']) code;
SELECT borrower_kind('shop');
SELECT borrower_kind(NULL::uscc) IS NULL, borrower_kind(NULL) IS NULL, borrower_kind(NULL::text) IS NULL, enterprise_scale(NULL) IS NULL, enterprise_scale(NULL::text) IS NULL;
-- and in a view, which keeps the call as it was written
CREATE TEMP VIEW of_literals AS SELECT enterprise_scale('CS02') AS scale, borrower_kind('914403001922038216') AS kind;
SELECT pg_get_viewdef('of_literals') LIKE '%enterprise_scale(''CS02'')%borrower_kind(''914403001922038216'')%' AS as_written;
SELECT * FROM of_literals;

-- enterprise_scale by code
SELECT code, enterprise_scale(code) FROM unnest(ARRAY['CS01', 'CS02', 'CS03', 'CS04', 'CS05', ' cs01 ', '大型', '中型', '小型', '微型', '其他', 'large', 'Medium', 'small', 'micro', '', '--', 'CS', 'CS011', NULL]) code;

-- enterprise_scale computed: forms of the industry
SELECT code, enterprise_scale(code, 5, 1, 1) FROM unnest(ARRAY[
	'C1711', 'c1711', ' C1711 ', '1711', '171', '17', 'C17', 'C171', 'C', 'a', 'B', 'D', 'E', 'H', 'L', 'M', 'N', 'O', 'R']) code;
-- too coarse to tell, or outside
SELECT code, enterprise_scale(code, 5, 1, 1) FROM unnest(ARRAY[
	'F', 'G', 'I', 'K', 'Q', '70', 'K70', '700', '7000', 'K7000',
	'J', 'P', 'S', 'T', '53', 'G5300', '66', '67', '68', '69', 'J6621', '704', '7040', '83', '84', 'Q84', '91', '96', '97', '98', '99', '00', '0000',
	'', ' ', '--', NULL]) code;
SELECT enterprise_scale('A1711', 5, 1, 1);
SELECT enterprise_scale('Z17', 5, 1, 1);
SELECT enterprise_scale('A00', 5, 1, 1);
SELECT enterprise_scale('T98', 5, 1, 1);
SELECT enterprise_scale('7', 5, 1, 1);
SELECT enterprise_scale('C1', 5, 1, 1);
SELECT enterprise_scale('17111', 5, 1, 1);
SELECT enterprise_scale('C17111', 5, 1, 1);
SELECT enterprise_scale('CC17', 5, 1, 1);
SELECT enterprise_scale('17.1', 5, 1, 1);
SELECT enterprise_scale('制造业', 5, 1, 1);
SELECT enterprise_scale('C17', -1, 1, 1);
SELECT enterprise_scale('C17', NULL, -0.01, 1);
SELECT enterprise_scale('L', 5, NULL, -5);
SELECT enterprise_scale('C17', 5, 'NaN', 1);
-- what the group does not use is not looked at
SELECT enterprise_scale('A01', -1, 1, -1), enterprise_scale('C17', 5, 1, NULL), enterprise_scale('73', 5, -1, 'NaN');
-- exact at the bound
SELECT enterprise_scale('A01', NULL, 19999.9999999999999999999, NULL), enterprise_scale('A01', NULL, 20000.000, NULL), enterprise_scale('A01', NULL, 1e30, NULL);

-- ownership
SELECT list, code, ownership(code, list)
FROM unnest('{pboc_basic,pboc_variant}'::text[]) list,
	unnest(ARRAY['A01', 'A0101', 'A0102', 'A02', 'A0201', 'A0202', 'B01', 'B0101', 'B0102', 'B0100', 'B02', 'B0201', 'B0200', 'B03', 'B0301', 'B0300',
		'C01', 'C0101', 'C02', 'D01', 'D02', 'E01', 'E02', ' b01 ', 'A', 'A0', 'A03', 'A01X', 'B01001', '', '--', '私人', NULL]) WITH ORDINALITY AS c (code, n)
ORDER BY list, n;
SELECT ownership('B01', 'gb');
SELECT ownership('B01', NULL::text) IS NULL, ownership('B01', NULL::jsonb) IS NULL;
SELECT code, ownership(code, '{"171": "private", "110": "State", "私营": "private"}'::jsonb) FROM unnest(ARRAY['171', '110', ' 110 ', '1710', '私营', NULL]) code;
SELECT ownership('171', '{"171": "privat"}'::jsonb);
SELECT ownership('171', '{"171": 1}'::jsonb);
SELECT ownership('171', '[]'::jsonb);

-- is_eligible is inlined: no call per row is left in the plan
CREATE FUNCTION pg_temp.plan_has(query text, fact text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		IF line LIKE '%' || fact || '%' THEN RETURN true; END IF;
	END LOOP;
	RETURN false;
END $$;
CREATE TEMP TABLE household (kind borrower_kind, scale enterprise_scale, owner ownership);
SELECT pg_temp.plan_has('SELECT is_eligible(kind, scale, owner), is_eligible(kind, scale, owner, ''{private,hmt}'') FROM household', 'is_eligible') AS calls,
	pg_temp.plan_has('SELECT is_eligible(kind, scale, owner) FROM household', 'small,micro') AS inlined;
-- and finds its operators and types whatever the search path
INSERT INTO household VALUES ('enterprise', 'large', 'private'), ('enterprise', 'large', 'hmt'), ('enterprise', 'large', NULL);
SET search_path = '';
SELECT first_loan.is_eligible(kind, scale, owner), first_loan.is_eligible(kind, scale, owner, '{private,hmt}') FROM pg_temp.household;
