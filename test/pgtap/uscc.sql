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

SELECT plan(33);

-- The standard's tables: alphabet, weights (GB 32100-2015, 3^(i-1) mod 31).
CREATE TEMP TABLE alphabet AS
SELECT c, (n - 1)::int AS value
FROM unnest(string_to_array('0,1,2,3,4,5,6,7,8,9,A,B,C,D,E,F,G,H,J,K,L,M,N,P,Q,R,T,U,W,X,Y', ',')) WITH ORDINALITY AS t (c, n);
CREATE TEMP TABLE weight AS
SELECT w, n::int AS place
FROM unnest('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}'::int[]) WITH ORDINALITY AS t (w, n);

-- A thousand codes out of hashes; a third of them share their first 12
-- characters, which is what an abbreviated sort key holds.
CREATE TABLE generated AS
WITH body AS (
	SELECT i, CASE WHEN i % 3 = 0 THEN '913505820042' ELSE '' END || string_agg(c, '' ORDER BY place) AS long
	FROM generate_series(1, 1000) i, generate_series(1, 17) place,
		LATERAL (SELECT c FROM alphabet
				 WHERE value = ('x' || substr(md5(i || '/' || place), 1, 7))::bit(28)::int % 31) a
	GROUP BY i
), body17 AS (
	SELECT i, left(long, 17) AS body FROM body
), summed AS (
	SELECT i, body, sum(a.value * w) AS total
	FROM body17, weight JOIN LATERAL (SELECT value FROM alphabet WHERE c = substr(body, place, 1)) a ON true
	GROUP BY i, body
)
SELECT i, body, c AS good, (body || c)::text AS t, (body || c)::uscc AS u
FROM summed JOIN alphabet ON value = (31 - total % 31) % 31;
ALTER TABLE generated ADD PRIMARY KEY (i);
ANALYZE generated;

SELECT is((SELECT count(*) FROM generated), 1000::bigint, 'a thousand codes');
SELECT is((SELECT count(DISTINCT t) FROM generated), 1000::bigint, 'all different');

-- domain.md, section 6
SELECT ok(has_valid_check(code::uscc), code || ' is good')
FROM unnest('{914403001922038216,9144030071526726XG,91330100799655058B,91350900587527783P}'::text[]) code;
SELECT ok(NOT has_valid_check('91350000151842711F'), 'a wrong check character is told, not refused');

SELECT is((SELECT count(*) FROM generated WHERE has_valid_check(u)), 1000::bigint, 'the check character is that of the standard');
SELECT is((SELECT count(*) FROM generated, alphabet WHERE c <> good AND has_valid_check((body || c)::uscc)), 0::bigint,
	'and no other one');
SELECT is((SELECT count(*) FROM generated, alphabet, weight
		   WHERE i <= 30 AND substr(t, place, 1) <> c AND has_valid_check(overlay(t PLACING c FROM place FOR 1)::uscc)), 0::bigint,
	'one wrong character anywhere is always found');

-- text
SELECT is((SELECT count(*) FROM generated WHERE u::text = t), 1000::bigint, 'text round trip');
SELECT is((SELECT count(*) FROM generated WHERE (' ' || lower(t) || '　')::uscc = u), 1000::bigint, 'lower case and blanks');
CREATE FUNCTION pg_temp.accepted(t text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t::uscc;
	RETURN true;
EXCEPTION WHEN invalid_text_representation THEN
	RETURN false;
END $$;
-- every character of ASCII that is no blank, and some others, at every place
SELECT is((SELECT count(*) FROM generate_series(1, 18) place,
				(SELECT chr(n) AS c FROM generate_series(33, 126) n UNION ALL SELECT unnest('{é,０,Ａ,泉,𠀀}'::text[])) chars
		   WHERE pg_temp.accepted(overlay('91350900587527783P' PLACING c FROM place FOR 1))
			IS DISTINCT FROM EXISTS (SELECT FROM alphabet a WHERE a.c = upper(chars.c))), 0::bigint,
	'accepted if and only if in the alphabet');
SELECT is((SELECT array_agg(n ORDER BY n) FROM generate_series(0, 40) n WHERE pg_temp.accepted(repeat('1', n))), '{18}', '18 characters and nothing else');

-- parts
SELECT is((SELECT count(*) FROM generated WHERE area(u) = substr(t, 3, 6) AND organisation_code(u) = substr(t, 9, 9)), 1000::bigint,
	'area and organisation code');
SELECT is((SELECT count(*) FROM generated
		   WHERE borrower_kind(u)::text = CASE left(t, 2) WHEN '91' THEN 'enterprise' WHEN '92' THEN 'sole_proprietor' ELSE 'other' END), 1000::bigint,
	'kind of borrower');
SELECT is((SELECT string_agg(a.c || b.c || '>' || k, ' ' ORDER BY a.c, b.c)
		   FROM alphabet a, alphabet b, borrower_kind((a.c || b.c || '0000000000000000')::uscc) k WHERE k <> 'other'),
	'91>enterprise 92>sole_proprietor', 'of all first two characters');

-- order
SELECT is((SELECT array_agg(u::text ORDER BY u) FROM generated), (SELECT array_agg(t ORDER BY t COLLATE "C") FROM generated),
	'sorting is that of the text in the C collation');
SELECT is((SELECT array_agg(u::text ORDER BY u DESC) FROM generated), (SELECT array_agg(t ORDER BY t COLLATE "C" DESC) FROM generated),
	'backwards, too');
CREATE TEMP TABLE many AS
SELECT (left(t, 12) || lpad(n::text, 5, '0') || 'X')::text AS t FROM generated, generate_series(1, 20) n;
SELECT is(md5(string_agg(u::text, ',')), (SELECT md5(string_agg(t, ',' ORDER BY t COLLATE "C")) FROM many),
	'sorting 20,000 rows by abbreviated keys, with ties in them')
FROM (SELECT t::uscc AS u FROM many ORDER BY t::uscc OFFSET 0) s;
SELECT is((SELECT count(*) FROM generated a, generated b WHERE b.i BETWEEN a.i AND a.i + 50
		   AND ((a.u < b.u) IS DISTINCT FROM (a.t < b.t COLLATE "C") OR (a.u <= b.u) IS DISTINCT FROM (a.t <= b.t COLLATE "C")
			OR (a.u = b.u) IS DISTINCT FROM (a.t = b.t) OR (a.u <> b.u) IS DISTINCT FROM (a.t <> b.t)
			OR (a.u > b.u) IS DISTINCT FROM (a.t > b.t COLLATE "C") OR (a.u >= b.u) IS DISTINCT FROM (a.t >= b.t COLLATE "C")
			OR sign(uscc_cmp(a.u, b.u)) IS DISTINCT FROM (a.t > b.t COLLATE "C")::int - (a.t < b.t COLLATE "C")::int)), 0::bigint,
	'all operators agree with the text');
SELECT is((SELECT min(u) || ' ' || max(u) FROM generated), (SELECT min(t COLLATE "C") || ' ' || max(t COLLATE "C") FROM generated), 'min and max');
CREATE UNIQUE INDEX generated_u ON generated (u);
SET LOCAL enable_seqscan = off;
SELECT is((SELECT count(*) FROM generated a WHERE EXISTS (SELECT FROM generated b WHERE b.u = a.t::uscc)), 1000::bigint, 'found through a btree index');
RESET enable_seqscan;

-- hashing
SELECT is((SELECT count(*) FROM generated WHERE uscc_hash(u) = uscc_hash(lower(t)::uscc)), 1000::bigint, 'equal codes have equal hashes');
SELECT cmp_ok((SELECT count(DISTINCT uscc_hash(u)) FROM generated), '>=', 999::bigint, 'different codes hardly ever');
SELECT cmp_ok((SELECT max(n) FROM (SELECT count(*) AS n FROM generated GROUP BY uscc_hash(u) & 63) b), '<', 40::bigint,
	'hashes are spread over their low bits');
SELECT is((SELECT count(*) FROM generated WHERE (uscc_hash_extended(u, 0) & 4294967295) = (uscc_hash(u)::bigint & 4294967295)
		   AND uscc_hash_extended(u, 1) <> uscc_hash_extended(u, 0)), 1000::bigint, 'extended hash: seed 0 is the plain one, others differ');
SELECT is((SELECT count(*) FROM (SELECT u FROM generated UNION SELECT lower(t)::uscc FROM generated) s), 1000::bigint, 'union removes doubles');

-- binary: 5 bits a character, 6 zero bits
SELECT is((SELECT count(*) FROM generated WHERE
			(SELECT string_agg(get_byte(uscc_send(u), n)::bit(8)::text, '' ORDER BY n) FROM generate_series(0, length(uscc_send(u)) - 1) n)
			= (SELECT string_agg((SELECT value::bit(5)::text FROM alphabet WHERE c = substr(t, place, 1)), '' ORDER BY place) || '000000'
			   FROM generate_series(1, 18) place)), 1000::bigint, 'sent as 5 bits a character');
CREATE TEMP TABLE received (u uscc);
DO $$
DECLARE
	stream bytea;
	octal text;
BEGIN
	SELECT '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea
		|| string_agg('\x00010000000c'::bytea || uscc_send(u), '' ORDER BY i) || '\xffff'::bytea INTO stream FROM generated;
	SELECT string_agg(format('\%s%s%s', b >> 6, (b >> 3) & 7, b & 7), '' ORDER BY n) INTO octal
	FROM (SELECT n, get_byte(stream, n) AS b FROM generate_series(0, length(stream) - 1) n) bytes;
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
END $$;
SELECT is((SELECT array_agg(u ORDER BY u) FROM received), (SELECT array_agg(u ORDER BY u) FROM generated), 'received as sent');

-- problems
SELECT is((SELECT count(*) FROM generated WHERE uscc_problem(t) IS NULL AND uscc_problem(' ' || lower(t)) IS NULL), 1000::bigint, 'no problem with a good code');
SELECT is((SELECT count(*) FROM generated, alphabet WHERE c <> good AND i <= 100
		   AND uscc_problem(body || c) IS DISTINCT FROM format('check character should be "%s", not "%s"', good, c)), 0::bigint,
	'a wrong check character is named beside the right one');
SELECT is((SELECT count(*) FROM unnest('{1,7,18}'::int[]) place, unnest('{I,O,S,V,Z,-,?}'::text[]) bad
		   WHERE uscc_problem(overlay('91350900587527783P' PLACING bad FROM place FOR 1)) NOT LIKE format('character %s is "%s"%%', place, bad)), 0::bigint,
	'a wrong character is named with its place');

SELECT * FROM finish();
ROLLBACK;
