-- loan_security: text and binary form, errors, operators, code lists
SET search_path = first_loan, public;

-- every set reads as it is written
SELECT i, s.set, s.set::text::loan_security = s.set AS same
FROM generate_series(0, 31) i,
	LATERAL (SELECT coalesce(nullif(concat_ws('+',
		CASE WHEN i & 1 > 0 THEN 'mortgage' END, CASE WHEN i & 2 > 0 THEN 'pledge' END,
		CASE WHEN i & 4 > 0 THEN 'guarantee' END, CASE WHEN i & 8 > 0 THEN 'combined' END,
		CASE WHEN i & 16 > 0 THEN 'unknown' END), ''), 'none')::loan_security AS set) s;

-- words, alone and joined
SELECT word, word::loan_security FROM unnest(ARRAY[
	'信用', '纯信用', '免担保', '无担保', '抵押', '质押', '保证', '联保', '农户联保', '担保公司', '政府性融资担保',
	'组合', '混合', '其他', '其它', '保证保险', '组合(含保证)', '组合（不含保证）']) word;
SELECT word, word::loan_security FROM unnest(ARRAY[
	'PLEDGE', ' Mortgage + unknown ', 'pledge,mortgage;guarantee', 'pledge mortgage', 'none+none', 'none+guarantee',
	'抵押质押', '质押抵押', '抵押+保证', '抵押、质押、保证', '抵押/保证', '抵押，保证', '抵押,保证', '抵押；保证', '抵押;保证', '抵押&保证',
	'抵押|保证', '抵押和质押', '抵押及质押', '抵押与质押', '抵押 质押', '　抵押　质押　', '抵押, 质押', '信用/免担保', '信用+抵押',
	'保证保险保证', '保证保证保险', '农户联保抵押', 'guarantee保证保险', '抵押pledge']) word;

-- what is refused: the word, its place, the remedy
SELECT ''::loan_security;
SELECT ' 　 '::loan_security;
SELECT 'guaranteed'::loan_security;
SELECT 'pledgemortgage'::loan_security;
SELECT '抵押、虚拟币、质押'::loan_security;
SELECT '无抵押'::loan_security;
SELECT '抵押贷款'::loan_security;
SELECT '抵押+'::loan_security;
SELECT '+抵押'::loan_security;
SELECT '、'::loan_security;
SELECT '0'::loan_security;

-- binary form: 16 bits
SELECT loan_security_send('none'), loan_security_send('mortgage+pledge+guarantee+combined+unknown');
CREATE TEMP TABLE received (security loan_security);
CREATE FUNCTION pg_temp.receive(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	stream bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea
		|| '\x0001'::bytea || int4send(length(value)) || value || '\xffff'::bytea;
	octal text;
BEGIN
	SELECT string_agg(format('\%s%s%s', b >> 6, (b >> 3) & 7, b & 7), '' ORDER BY i) INTO octal
	FROM (SELECT i, get_byte(stream, i) AS b FROM generate_series(0, length(stream) - 1) i) bytes;
	TRUNCATE received;
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
	RETURN (SELECT security FROM received);
EXCEPTION WHEN invalid_binary_representation OR protocol_violation THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT bytes, pg_temp.receive(bytes) FROM unnest('{"\\x0000","\\x0001","\\x001f","\\x0020","\\x8000","\\xffff","","\\x00","\\x000000"}'::bytea[]) bytes;

-- operators
SELECT 'mortgage'::loan_security | 'pledge', 'none'::loan_security | 'none', 'unknown'::loan_security | 'guarantee',
	'none'::loan_security | 'unknown', NULL | 'none'::loan_security;
SELECT a, b, a @> b AS contains, a <@ b AS contained, a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge
FROM (VALUES ('none'::loan_security, 'none'::loan_security), ('none', 'pledge'), ('pledge', 'none'),
	('mortgage+pledge', 'pledge'), ('mortgage', 'mortgage+unknown'), ('mortgage', 'pledge'), ('pledge', NULL)) AS t (a, b);
SELECT am.amname, opcname, amvalidate(opc.oid)
FROM pg_opclass opc JOIN pg_am am ON am.oid = opcmethod
WHERE opcintype = 'loan_security'::regtype ORDER BY 1;
SELECT array_agg(DISTINCT s) FROM unnest('{unknown,none,pledge,none,mortgage,unknown,pledge+mortgage}'::loan_security[]) s;
SELECT s, count(*) FROM unnest('{unknown,none,pledge,none}'::loan_security[]) s GROUP BY s ORDER BY s;

-- union over contracts
SELECT loan, combine(s) FROM (VALUES (1, 'mortgage'::loan_security), (1, 'guarantee'), (1, 'mortgage'),
	(2, 'none'), (2, NULL), (3, NULL), (4, 'unknown'), (4, 'none'), (5, 'none')) AS t (loan, s) GROUP BY loan ORDER BY loan;
SELECT combine(s) FROM unnest('{}'::loan_security[]) s;
SELECT i, combine(s) OVER (ORDER BY i), combine(s) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM unnest('{NULL,none,mortgage,NULL,unknown}'::loan_security[]) WITH ORDINALITY AS t (s, i);

-- pure credit
SELECT s, is_pure_credit(s) FROM unnest('{none,mortgage,pledge,guarantee,combined,unknown,mortgage+unknown,combined+unknown,NULL}'::loan_security[]) s;

-- the standard lists
SELECT * FROM loan_security_codes();
SELECT count(*) AS contradictions FROM loan_security_codes() WHERE loan_security(code, code_list) <> security;

-- codes that are not in a list, and codes written carelessly
SELECT loan_security('X', 'pboc_basic'), loan_security('B02', 'pboc_basic'), loan_security('', 'pboc_basic'),
	loan_security('--', 'pboc_basic'), loan_security(NULL, 'pboc_basic'), loan_security('1', 'yibiaotong'),
	loan_security('8', 'credit_personal'), loan_security('5', 'credit_enterprise');
SELECT loan_security(' b01 ', 'pboc_basic'), loan_security('　d', 'pboc_basic');
SELECT loan_security(NULL, 'other_assurance'), loan_security('--', 'other_assurance'), loan_security(' ', 'other_assurance'),
	loan_security('3', 'other_assurance');
SELECT loan_security('抵押+保证', 'text'), loan_security('无抵押', 'text'), loan_security(NULL, 'text'), loan_security('', 'text');
SELECT loan_security('A', NULL::text) IS NULL, loan_security('A', NULL::jsonb) IS NULL, loan_security(NULL, NULL::text) IS NULL;
SELECT loan_security('A', 'pboc');
SELECT loan_security('A', '');
-- the list may change from row to row
SELECT list, loan_security('4', list) FROM unnest('{credit_enterprise,credit_personal,credit_enterprise,yibiaotong,text,credit_personal}'::text[]) list;

-- a list of one's own
SELECT code, loan_security(code, '{"A": "pledge", "b": "抵押+保证", "": "none", " 03 ": "unknown", "a": "mortgage"}'::jsonb)
FROM unnest('{A,a,B,b," b ","",03,C,NULL}'::text[]) code;
SELECT loan_security('A', list) FROM unnest(ARRAY['{"A": "pledge"}', '{"A": "mortgage"}', '{}', '{"A": "pledge"}']::jsonb[]) list;
SELECT loan_security('B', '{"A": "pledges", "B": "none"}'::jsonb);
SELECT loan_security('A', '{"A": ""}'::jsonb);
SELECT loan_security('A', '{"A": null}'::jsonb);
SELECT loan_security('A', '{"A": ["pledge"]}'::jsonb);
SELECT loan_security('A', '["pledge"]'::jsonb);
SELECT loan_security('A', '"pledge"'::jsonb);
-- without a cast the literal is taken for the name of a list
SELECT loan_security('A', '{"A": "pledge"}');
