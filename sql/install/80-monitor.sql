-- The monitor: a schema of ordinary tables with a register of first borrowings
-- that is kept true as the sources change.  Names of relations are kept as
-- text, so that the schema can be dumped, restored and moved.

-- What a source must and may have.

CREATE FUNCTION monitor_contract(OUT source text, OUT column_name text, OUT type text,
		OUT required boolean, OUT meaning text, OUT without text)
	RETURNS SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 50
	SET search_path = pg_catalog, pg_temp
	AS $$VALUES
		('borrowings', 'borrower', 'text', true, 'who borrowed: a national identifier', NULL),
		('borrowings', 'institution', 'text', true, 'who granted', NULL),
		('borrowings', 'granted_on', 'date', true, 'when; rows without a date take no part', NULL),
		('borrowings', 'ref', 'text', true, 'which; orders the borrowings of one day', NULL),
		('borrowings', 'instrument', 'text', true, 'loan or discount', NULL),
		('borrowings', 'amount', 'numeric', true, 'in CNY', NULL),
		('borrowings', 'security', 'text or loan_security', false, 'security behind it', 'loans are unclassified'),
		('borrowings', 'rate', 'numeric', false, 'per cent a year', 'no average rates'),
		('borrowings', 'product', 'text', false, 'product', 'nothing by product'),
		('borrowings', 'area', 'text', false, 'area of the borrower then', 'the area of households is taken'),
		('borrowings', 'industry', 'text', false, 'industry of the borrower then', 'the industry of households is taken'),
		('borrowings', 'purpose', 'text', false, 'purpose', 'nothing by purpose'),
		('borrowings', 'credit_line', 'numeric', false, 'credit line at that institution, CNY', 'inclusive is unknown: no evaluation'),
		('borrowings', 'kind', 'text', false, 'borrower_kind then', 'the kind of households is taken, else that of a 92 code'),
		('borrowings', 'scale', 'text', false, 'enterprise_scale then', 'the scale of households is taken'),
		('borrowings', 'ownership', 'text', false, 'ownership then', 'the ownership of households is taken'),
		('borrowings', 'settled_on', 'date', false, 'when it was paid back; NULL: not yet', 'no denominator of borrowers with a balance'),
		('borrowings', 'loaded_at', 'timestamptz', false, 'when the row came into the warehouse', 'refresh(since => ...) does not look here'),
		('households', 'borrower', 'text', true, 'one row a borrower', NULL),
		('households', 'eligible', 'boolean', false, 'goes before what kind, scale and ownership say', 'kind, scale and ownership decide'),
		('households', 'kind', 'text', false, 'borrower_kind', 'that of a 92 code is sole_proprietor, else unknown'),
		('households', 'scale', 'text', false, 'enterprise_scale', 'computed from industry, persons, revenue and assets'),
		('households', 'ownership', 'text', false, 'ownership', 'private is unknown'),
		('households', 'industry', 'text', false, 'GB/T 4754', 'nothing by industry'),
		('households', 'area', 'text', false, 'area', 'nothing by area'),
		('households', 'persons', 'integer', false, 'persons employed', 'no scale from indicators that need it'),
		('households', 'revenue', 'numeric', false, 'revenue, 10,000 CNY', 'no scale from indicators that need it'),
		('households', 'assets', 'numeric', false, 'assets, 10,000 CNY', 'no scale from indicators that need it'),
		('households', 'loaded_at', 'timestamptz', false, 'when the row came into the warehouse', 'refresh(since => ...) does not look here'),
		('credit_reports', 'borrower', 'text', true, 'whom the report is about; several reports may be', NULL),
		('credit_reports', 'report', 'credit_report', true, 'the report', NULL),
		('credit_reports', 'loaded_at', 'timestamptz', false, 'when the row came into the warehouse', 'refresh(since => ...) does not look here'),
		('institutions', 'institution', 'text', true, 'as in borrowings', NULL),
		('institutions', 'name', 'text', true, 'name in bulletins', NULL),
		('institutions', 'listed_from', 'date', false, 'first day on the list', 'listed from the beginning'),
		('institutions', 'listed_to', 'date', false, 'last day on the list', 'listed for good'),
		('taxpayers', 'borrower', 'text', true, 'as in borrowings', NULL),
		('taxpayers', 'operating', 'boolean', true, 'operates normally', NULL),
		('taxpayers', 'name', 'text', false, 'name', 'lists are without names'),
		('taxpayers', 'area', 'text', false, 'area', 'lists are not by area'),
		('taxpayers', 'industry', 'text', false, 'GB/T 4754', 'lists are not by industry'),
		('taxpayers', 'basic_account_institution', 'text', false, 'bank of the basic account', 'lists are not by bank'),
		('taxpayers', 'kind', 'text', false, 'borrower_kind', 'that of a 92 code is sole_proprietor, else unknown'),
		('taxpayers', 'scale', 'text', false, 'enterprise_scale', 'eligible is unknown for want of it'),
		('taxpayers', 'ownership', 'text', false, 'ownership', 'eligible is unknown for want of it')$$;
COMMENT ON FUNCTION monitor_contract() IS 'columns of the sources of a monitor: which are required, what each means, and what is switched off without it';

-- The columns of a relation, with the kind of type that the contract speaks of.
CREATE FUNCTION monitor_columns(source regclass, OUT column_name text, OUT type text, OUT shown text)
	RETURNS SETOF record LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$
	SELECT a.attname, CASE
			WHEN b.oid = 'first_loan.credit_report'::regtype THEN 'credit_report'
			WHEN b.oid = 'first_loan.loan_security'::regtype THEN 'loan_security'
			WHEN b.typcategory = 'S' THEN 'text'
			WHEN b.oid IN ('int2'::regtype, 'int4'::regtype) THEN 'integer'
			WHEN b.oid IN ('int8'::regtype, 'numeric'::regtype) THEN 'numeric'
			WHEN b.oid = 'bool'::regtype THEN 'boolean'
			WHEN b.oid = 'date'::regtype THEN 'date'
			WHEN b.oid IN ('timestamp'::regtype, 'timestamptz'::regtype) THEN 'timestamptz'
			ELSE 'other' END,
		format_type(a.atttypid, a.atttypmod)
	FROM pg_attribute a
	JOIN pg_type t ON t.oid = a.atttypid
	JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
	WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped$$;
COMMENT ON FUNCTION monitor_columns(regclass) IS 'columns of a relation, with the kind of type that monitor_contract() speaks of';

CREATE FUNCTION monitor_problems(kind text, source regclass)
	RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$
	SELECT format('%s (%s): ', $1, $2) || CASE
		WHEN h.column_name IS NULL THEN
			format('column "%s" is missing: %s, of type %s', c.column_name, c.meaning, c.type)
		ELSE format('column "%s" is of type %s, %s is needed: ', c.column_name, h.shown, c.type) || CASE c.type
			WHEN 'date' THEN format('write %I::date, and NULL for what is no date', c.column_name)
			WHEN 'credit_report' THEN format('write %I::first_loan.credit_report', c.column_name)
			WHEN 'text or loan_security' THEN format('write first_loan.loan_security(%I::text, ''pboc_basic'') or whichever list it is of', c.column_name)
			ELSE format('write %I::%s', c.column_name, c.type) END END
	FROM first_loan.monitor_contract() WITH ORDINALITY c(source, column_name, type, required, meaning, without, n)
	LEFT JOIN first_loan.monitor_columns($2) h ON h.column_name = c.column_name
	WHERE c.source = $1 AND (h.column_name IS NULL AND c.required
		OR h.type <> c.type
			AND (h.type, c.type) NOT IN (('integer', 'numeric'), ('text', 'text or loan_security'),
				('loan_security', 'text or loan_security'), ('date', 'timestamptz')))
	ORDER BY c.n$$;
COMMENT ON FUNCTION monitor_problems(text, regclass) IS 'what of a source does not fit monitor_contract(), a line each with what to do about it';

-- A parameter of a monitor; an error if there is no such monitor.
CREATE FUNCTION monitor_parameter(monitor text, parameter text)
	RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	result text;
BEGIN
	IF monitor IS NULL THEN
		RAISE EXCEPTION 'monitor must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF to_regclass(format('%I.definition', monitor)) IS NULL OR to_regclass(format('%I.register', monitor)) IS NULL THEN
		RAISE EXCEPTION 'there is no monitor "%"', monitor
			USING ERRCODE = 'undefined_object', HINT = 'first_loan.create_monitor() makes one.';
	END IF;
	EXECUTE format('SELECT value FROM %I.definition WHERE name = $1', monitor) INTO result USING parameter;
	RETURN result;
END $$;
COMMENT ON FUNCTION monitor_parameter(text, text) IS 'value of a parameter in the definition of a monitor';

---------------------------------------------------------------------------
-- Making and removing
---------------------------------------------------------------------------

CREATE FUNCTION create_monitor(name text, borrowings regclass, households regclass DEFAULT NULL,
		credit_reports regclass DEFAULT NULL, institutions regclass DEFAULT NULL, taxpayers regclass DEFAULT NULL,
		target bigint DEFAULT NULL, period daterange DEFAULT NULL,
		reporting_lag integer DEFAULT 0, private_as ownership[] DEFAULT '{private}',
		ceiling numeric DEFAULT 10000000, ceiling_inclusive boolean DEFAULT false,
		count_zero_institutions boolean DEFAULT true, report_rules jsonb DEFAULT '{}')
	RETURNS void LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	sources CONSTANT regclass[] := ARRAY[borrowings, households, credit_reports, institutions, taxpayers];
	kinds CONSTANT text[] := '{borrowings,households,credit_reports,institutions,taxpayers}';
	problems text[] := '{}';
	absent text := '';
	line text;
BEGIN
	IF name IS NULL OR name = '' OR octet_length(name) > 63 OR name LIKE 'pg\_%' OR name = 'first_loan' THEN
		problems := problems || format('name: %s cannot be the name of a schema: give one of 1 to 63 bytes', quote_nullable(name));
	END IF;
	IF borrowings IS NULL THEN
		problems := problems || 'borrowings: is NULL: give the table or view of borrowings'::text;
	END IF;
	IF target < 0 THEN
		problems := problems || format('target: %s is negative: give a number of households', target);
	END IF;
	IF isempty(period) THEN
		problems := problems || 'period: is empty: give one such as first_loan.stat_period(''2024-2026'')'::text;
	END IF;
	IF reporting_lag IS NULL OR reporting_lag < 0 THEN
		problems := problems || format('reporting_lag: %s is not a number of days: give 0 or more', quote_nullable(reporting_lag));
	END IF;
	IF private_as IS NULL OR array_position(private_as, NULL) IS NOT NULL THEN
		problems := problems || 'private_as: is or holds NULL: give the kinds of ownership that are private'::text;
	END IF;
	IF ceiling IS NULL OR NOT ceiling > 0 OR ceiling = 'NaN' THEN
		problems := problems || format('ceiling: %s is no credit line: give an amount in CNY', quote_nullable(ceiling));
	END IF;
	IF ceiling_inclusive IS NULL OR count_zero_institutions IS NULL THEN
		problems := problems || 'ceiling_inclusive, count_zero_institutions: NULL: give true or false'::text;
	END IF;
	IF coalesce(jsonb_typeof(report_rules) = 'object', false) THEN
		problems := problems || ARRAY(
			SELECT format('report_rules: "%s": %s: give %s', r.key, r.value, CASE
				WHEN r.key = 'codes' THEN 'an object, as to never_borrowed()'
				ELSE 'true or false to advances, disposed, leasing, undrawn or summary' END)
			FROM jsonb_each(report_rules) r
			WHERE NOT (r.key IN ('advances', 'disposed', 'leasing', 'undrawn', 'summary') AND jsonb_typeof(r.value) = 'boolean'
				OR r.key = 'codes' AND jsonb_typeof(r.value) = 'object'));
	ELSE
		problems := problems || 'report_rules: is no object: give one such as {"leasing": false}'::text;
	END IF;
	IF jsonb_typeof(report_rules -> 'codes') = 'object' THEN
		BEGIN
			PERFORM first_loan.never_borrowed('{"report_date": "2024-01-01"}', '2024-01-01', codes => report_rules -> 'codes');
		EXCEPTION WHEN invalid_parameter_value THEN
			GET STACKED DIAGNOSTICS line = PG_EXCEPTION_DETAIL;
			problems := problems || format('report_rules: %s: %s', sqlerrm, line);
		END;
	END IF;
	FOR i IN 1 .. array_length(kinds, 1) LOOP
		IF sources[i] IS NULL THEN
			absent := absent || format(E'\n%s: %s', kinds[i], CASE kinds[i]
				WHEN 'households' THEN 'kinds of households come from borrowings alone'
				WHEN 'credit_reports' THEN 'every first borrowing stays unverified'
				WHEN 'institutions' THEN 'institutions are those that granted, without names'
				WHEN 'taxpayers' THEN 'no cultivation list' END);
		ELSE
			problems := problems || ARRAY(SELECT first_loan.monitor_problems(kinds[i], sources[i]));
			FOR line IN
				SELECT format(E'\n%s.%s: %s', c.source, c.column_name, c.without)
				FROM first_loan.monitor_contract() c
				WHERE c.source = kinds[i] AND NOT c.required
					AND c.column_name NOT IN (SELECT h.column_name FROM first_loan.monitor_columns(sources[i]) h)
			LOOP
				absent := absent || line;
			END LOOP;
		END IF;
	END LOOP;
	IF problems <> '{}' THEN
		RAISE EXCEPTION 'monitor "%" cannot be made of these sources', name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = array_to_string(problems, E'\n'),
				HINT = 'SELECT * FROM first_loan.monitor_contract() lists all columns.';
	END IF;

	EXECUTE format('CREATE SCHEMA %I', name);
	EXECUTE format($f$
		CREATE TABLE %1$I.definition (name text PRIMARY KEY, value text);
		CREATE TABLE %1$I.ceiling (effective_from date PRIMARY KEY, amount numeric NOT NULL, inclusive boolean NOT NULL);
		CREATE TABLE %1$I.register (
			borrower text CONSTRAINT borrower_of_at_most_500_bytes CHECK (octet_length(borrower) <= 500) PRIMARY KEY, granted_on date NOT NULL, institution text, ref text,
			instrument text, amount numeric, class text, security text, rate numeric, product text, area text,
			industry text, purpose text, credit_line numeric, kind text, scale text, ownership text,
			eligible boolean, inclusive boolean, verdict text NOT NULL, verdict_reason text, borrowed_before date,
			tied_institutions integer, refreshed_at timestamptz, unread text);
		CREATE TABLE %1$I.changes (borrower text, via text, noted_at timestamptz NOT NULL DEFAULT now());
		CREATE TABLE %1$I.tracked (relation text, borrower_column text, via text, source text NOT NULL,
			UNIQUE (relation, borrower_column, via));
		CREATE TABLE %1$I.refreshes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, started_at timestamptz NOT NULL,
			finished_at timestamptz NOT NULL, kind text NOT NULL, borrowers bigint, inserted bigint NOT NULL,
			updated bigint NOT NULL, deleted bigint NOT NULL);
		CREATE TABLE %1$I.state (refreshed_at timestamptz);
		COMMENT ON SCHEMA %1$I IS 'monitor of first-loan households';
		COMMENT ON TABLE %1$I.definition IS 'parameters of the monitor';
		COMMENT ON TABLE %1$I.ceiling IS 'credit lines below which a household is inclusive, by the day from which they hold';
		COMMENT ON TABLE %1$I.register IS 'the first borrowing of each borrower';
		COMMENT ON TABLE %1$I.changes IS 'borrowers to be looked at by the next refresh; NULL is everything';
		COMMENT ON TABLE %1$I.tracked IS 'tables whose changes are noted';
		COMMENT ON TABLE %1$I.refreshes IS 'what each refresh did';
		COMMENT ON TABLE %1$I.state IS 'one row: when the register was last refreshed; one refresh at a time holds it'$f$, name);

	EXECUTE format($f$INSERT INTO %I.definition VALUES
		('borrowings', $1[1]), ('households', $1[2]), ('credit_reports', $1[3]), ('institutions', $1[4]), ('taxpayers', $1[5]),
		('target', $2), ('period_from', $3), ('period_to', $4), ('reporting_lag', $5), ('private_as', $6),
		('count_zero_institutions', $7), ('report_rules', $8)$f$, name)
		USING sources::text[], target::text,
			CASE WHEN isfinite(lower(period)) THEN lower(period) END::text,
			CASE WHEN isfinite(upper(period)) THEN upper(period) - 1 END::text,
			reporting_lag::text, private_as::text, count_zero_institutions::text, report_rules::text;
	EXECUTE format('INSERT INTO %I.ceiling VALUES (''0001-01-01'', $1, $2)', name) USING ceiling, ceiling_inclusive;
	EXECUTE format('INSERT INTO %I.state VALUES (NULL)', name);
	EXECUTE format('INSERT INTO %I.changes VALUES (NULL)', name);
	-- A rule that changes changes everything.
	FOREACH line IN ARRAY '{definition,ceiling}'::text[] LOOP
		EXECUTE format($f$CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I.%2$I
			FOR EACH STATEMENT EXECUTE FUNCTION first_loan.note_changes(%1$L)$f$, name, line);
	END LOOP;
	PERFORM first_loan.monitor_create_statistics(name);

	IF absent <> '' THEN
		RAISE NOTICE 'monitor "%" does without some optional sources and columns', name
			USING DETAIL = substr(absent, 2);
	END IF;
END $$;
COMMENT ON FUNCTION create_monitor(text, regclass, regclass, regclass, regclass, regclass, bigint, daterange, integer, ownership[], numeric, boolean, boolean, jsonb) IS 'makes the schema of a monitor over tables or views with the columns of monitor_contract(); then track() the tables behind, and refresh()';

CREATE FUNCTION drop_monitor(monitor text)
	RETURNS void LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	statement text;
BEGIN
	PERFORM first_loan.monitor_parameter(monitor, NULL);
	FOR statement IN
		SELECT format('DROP TRIGGER %I ON %s', t.trigger_name, t.relation)
		FROM first_loan.monitor_triggers(monitor) t
	LOOP
		EXECUTE statement;
	END LOOP;
	EXECUTE format('DROP SCHEMA %I CASCADE', monitor);
END $$;
COMMENT ON FUNCTION drop_monitor(text) IS 'removes a monitor: the triggers on tracked tables, and its schema with everything in it';

---------------------------------------------------------------------------
-- Tracking
---------------------------------------------------------------------------

CREATE FUNCTION note_changes() RETURNS trigger
	AS 'MODULE_PATHNAME', 'monitor_note_changes' LANGUAGE C;
COMMENT ON FUNCTION note_changes() IS 'trigger function of track(): notes which borrowers a statement touched';

-- Triggers that note for a monitor.  Their arguments are the monitor, the
-- column and the relation to translate by, each ended by a zero byte.
CREATE FUNCTION monitor_triggers(monitor text, OUT relation regclass, OUT trigger_name name, OUT enabled boolean,
		OUT arguments bytea)
	RETURNS SETOF record LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$
	SELECT t.tgrelid::regclass, t.tgname, t.tgenabled IN ('O', 'A'), t.tgargs
	FROM pg_trigger t,
		LATERAL (SELECT convert_to($1, getdatabaseencoding()) || '\x00'::bytea) p(prefix)
	WHERE t.tgfoid = 'first_loan.note_changes()'::regprocedure AND NOT t.tgisinternal
		AND substring(t.tgargs FROM 1 FOR length(p.prefix)) = p.prefix$$;
COMMENT ON FUNCTION monitor_triggers(text) IS 'triggers that note changes for a monitor';

-- A table with its partitions or children, each of which can be written to.
CREATE FUNCTION monitor_tree(source regclass)
	RETURNS SETOF regclass LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$
	WITH RECURSIVE tree(relation) AS (
		SELECT $1
		UNION
		SELECT i.inhrelid::regclass FROM tree t JOIN pg_inherits i ON i.inhparent = t.relation
	)
	SELECT relation FROM tree$$;
COMMENT ON FUNCTION monitor_tree(regclass) IS 'a table with all its partitions and children';

-- What a view reads in the end, through other views.
CREATE FUNCTION monitor_tables(source regclass)
	RETURNS SETOF regclass LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$
	WITH RECURSIVE behind(relation) AS (
		SELECT $1
		UNION
		SELECT d.refobjid::regclass
		FROM behind b
		JOIN pg_class c ON c.oid = b.relation AND c.relkind = 'v'
		JOIN pg_rewrite r ON r.ev_class = c.oid
		JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
	)
	SELECT b.relation FROM behind b JOIN pg_class c ON c.oid = b.relation
	WHERE c.relkind IN ('r', 'p', 'm', 'f')$$;
COMMENT ON FUNCTION monitor_tables(regclass) IS 'tables, foreign tables and materialized views that a view reads in the end';

CREATE FUNCTION untracked(monitor text)
	RETURNS SETOF text LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $$
BEGIN
	PERFORM first_loan.monitor_parameter(monitor, NULL);
	RETURN QUERY EXECUTE format($f$
		SELECT DISTINCT t::text
		FROM (
			SELECT value FROM %1$I.definition WHERE name IN ('borrowings', 'households', 'credit_reports')
			UNION SELECT via FROM %1$I.tracked
		) s(relation), first_loan.monitor_tables(to_regclass(s.relation)) t
		WHERE t::text NOT IN (SELECT relation FROM %1$I.tracked)
		ORDER BY 1$f$, monitor);
END $$;
COMMENT ON FUNCTION untracked(text) IS 'tables behind the sources of a monitor whose changes are not noted';

CREATE FUNCTION track(monitor text, source regclass, borrower_column name, via regclass DEFAULT NULL)
	RETURNS void LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	relation regclass;
	relkind "char";
	event text;
	trigger_name text;
	arguments text;
	changes regclass;
	owner regrole;
	tree text[];
BEGIN
	PERFORM first_loan.monitor_parameter(monitor, NULL);
	IF source IS NULL OR borrower_column IS NULL THEN
		RAISE EXCEPTION 'source and borrower_column must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = source AND a.attname = borrower_column
			AND a.attnum > 0 AND NOT a.attisdropped) THEN
		RAISE EXCEPTION 'column "%" of % does not exist', borrower_column, source USING ERRCODE = 'undefined_column';
	END IF;
	IF via IS NOT NULL AND (SELECT count(*) FROM first_loan.monitor_columns(via) c
			WHERE c.column_name IN ('identifier', 'borrower') AND c.type = 'text') < 2 THEN
		RAISE EXCEPTION '% cannot translate identifiers', via
			USING ERRCODE = 'undefined_column', HINT = 'It needs the columns identifier and borrower of type text.';
	END IF;
	IF source IN (SELECT first_loan.monitor_tables(via)) THEN
		RAISE EXCEPTION '% cannot translate identifiers of %, which it reads', via, source
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = 'An identifier that is deleted there could not be translated any more.',
				HINT = 'Translate by other tables, and track those as well.';
	END IF;
	trigger_name := 'first_loan_' || left(md5(concat_ws(chr(1), monitor, borrower_column, via)), 12);
	changes := format('%I.changes', monitor)::regclass;
	arguments := concat_ws(', ', quote_literal(monitor), quote_literal(borrower_column), quote_literal(via::text));
	FOR relation, relkind, owner IN
		SELECT t, c.relkind, c.relowner FROM first_loan.monitor_tree(source) t JOIN pg_class c ON c.oid = t
	LOOP
		IF relkind NOT IN ('r', 'p') THEN
			RAISE EXCEPTION 'changes of % cannot be tracked: it is a %', relation, CASE relkind
					WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'relation of another kind' END
				USING ERRCODE = 'wrong_object_type', HINT = CASE relkind
					WHEN 'v' THEN 'Track the tables that it reads.'
					WHEN 'f' THEN 'Call first_loan.refresh(monitor, since => ...), or refresh(monitor, full => true).'
					ELSE 'Call first_loan.refresh(monitor, full => true) after it has changed.' END;
		END IF;
		-- Who writes to the table needs no rights on the monitor, its owner does.
		IF NOT has_table_privilege(owner, changes, 'INSERT') THEN
			EXECUTE format('GRANT INSERT ON %s TO %s', changes, owner);
		END IF;
		FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
			-- One that is there may stay: to remove it takes the owner of the table.
			CONTINUE WHEN EXISTS (SELECT FROM first_loan.monitor_triggers(monitor) t(tracked, name, enabled)
				WHERE t.tracked = relation AND t.name = trigger_name || '_' || event AND t.enabled);
			IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = trigger_name || '_' || event) THEN
				EXECUTE format('DROP TRIGGER %I ON %s', trigger_name || '_' || event, relation);
			END IF;
			EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s%s FOR EACH STATEMENT EXECUTE FUNCTION first_loan.note_changes(%s)',
				trigger_name || '_' || event, event, relation,
				CASE event
					WHEN 'insert' THEN ' REFERENCING NEW TABLE AS new_rows'
					WHEN 'update' THEN ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
					WHEN 'delete' THEN ' REFERENCING OLD TABLE AS old_rows'
					ELSE '' END,
				arguments);
		END LOOP;
		EXECUTE format('DELETE FROM %I.tracked WHERE (relation, borrower_column) = ($1, $2) AND via IS NOT DISTINCT FROM $3', monitor)
			USING relation::text, borrower_column::text, via::text;
		EXECUTE format('INSERT INTO %I.tracked VALUES ($1, $2, $3, $4)', monitor)
			USING relation::text, borrower_column::text, via::text, source::text;
		tree := tree || relation::text;
	END LOOP;
	-- A partition that was dropped, or stands by itself now, is tracked no more.
	FOR relation IN EXECUTE format($f$
		DELETE FROM %I.tracked t
		WHERE t.source = $1 AND t.borrower_column = $2 AND t.via IS NOT DISTINCT FROM $3 AND t.relation <> ALL ($4)
		RETURNING to_regclass(t.relation)$f$, monitor)
		USING source::text, borrower_column::text, via::text, tree
	LOOP
		FOR event IN
			SELECT t.name FROM first_loan.monitor_triggers(monitor) t(tracked, name, enabled)
			WHERE t.tracked = relation AND starts_with(t.name, trigger_name || '_')
		LOOP
			EXECUTE format('DROP TRIGGER %I ON %s', event, relation);
		END LOOP;
	END LOOP;
	-- What changed before the triggers were there has left no note.
	EXECUTE format('INSERT INTO %1$I.changes SELECT NULL WHERE NOT EXISTS (SELECT FROM %1$I.changes WHERE borrower IS NULL)', monitor);
END $$;
COMMENT ON FUNCTION track(text, regclass, name, regclass) IS 'notes from now on which borrowers a change of this table and its partitions touches; via is a relation (identifier, borrower) where the column holds something else than the borrower';

CREATE FUNCTION untrack(monitor text, source regclass)
	RETURNS void LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	statement text;
BEGIN
	PERFORM first_loan.monitor_parameter(monitor, NULL);
	FOR statement IN EXECUTE format($f$
		SELECT format('DROP TRIGGER %%I ON %%s', t.trigger_name, t.relation)
		FROM first_loan.monitor_triggers($1) t
		WHERE t.relation IN (SELECT first_loan.monitor_tree($2)
			UNION SELECT to_regclass(d.relation) FROM %I.tracked d WHERE d.source = $2::text)$f$, monitor)	-- detached ones, too
		USING monitor, source
	LOOP
		EXECUTE statement;
	END LOOP;
	EXECUTE format('DELETE FROM %I.tracked WHERE source = $1 OR relation = $1', monitor) USING source::text;
	-- The right to note goes with the last table of its owner.
	FOR statement IN
		SELECT format('REVOKE INSERT ON %s FROM %s', c.oid::regclass, a.grantee::regrole)
		FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.oid = format('%I.changes', monitor)::regclass AND a.privilege_type = 'INSERT'
			AND a.grantee <> 0 AND a.grantee <> c.relowner
			AND a.grantee IN (SELECT r.relowner FROM first_loan.monitor_tree(source) t JOIN pg_class r ON r.oid = t)
			AND a.grantee NOT IN (
				SELECT r.relowner FROM first_loan.monitor_triggers(monitor) t JOIN pg_class r ON r.oid = t.relation)
	LOOP
		EXECUTE statement;
	END LOOP;
END $$;
COMMENT ON FUNCTION untrack(text, regclass) IS 'ends what track() began; changes of the table are seen by full refreshes only';

---------------------------------------------------------------------------
-- The rows of the register
---------------------------------------------------------------------------

CREATE FUNCTION monitor_members(first_loan_set, OUT borrower text, OUT granted_on date, OUT ref text,
		OUT institution text, OUT eligible boolean, OUT granted_at timestamp)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'first_loan_set_members'
	LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 1000000;
COMMENT ON FUNCTION monitor_members(first_loan_set) IS 'members(), of a set that the planner shall take for large';

CREATE FUNCTION monitor_verdict_arguments(monitor text)
	RETURNS text LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $$
	SELECT concat(', lag => ' || quote_literal(first_loan.monitor_parameter($1, 'reporting_lag')),
		string_agg(format(', %I => %L', r.key, r.value), '' ORDER BY r.key))
	FROM jsonb_each(first_loan.monitor_parameter($1, 'report_rules')::jsonb) r$$;
COMMENT ON FUNCTION monitor_verdict_arguments(text) IS 'what a monitor gives first_loan_verdict() after the report, from its definition';

CREATE FUNCTION monitor_unread(instrument text DEFAULT NULL, kind text DEFAULT NULL, scale text DEFAULT NULL, ownership text DEFAULT NULL,
		industry text DEFAULT NULL, institution text DEFAULT NULL, area text DEFAULT NULL, amount numeric DEFAULT NULL, rate numeric DEFAULT NULL)
	RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION monitor_unread(text, text, text, text, text, text, text, numeric, numeric) IS 'which of these are not understood or too long; NULL if none is';

-- Inlined, hence without a search_path of its own.
CREATE FUNCTION monitor_word(text)
	RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	AS $$SELECT CASE WHEN pg_catalog.btrim($1) OPERATOR(pg_catalog.<>) ALL ('{"",--}'::pg_catalog.text[]) THEN pg_catalog.btrim($1) END$$;
COMMENT ON FUNCTION monitor_word(text) IS 'a word of a source without blanks around it; NULL where it is empty or --';

-- The query that makes the register's rows: of all borrowers, or of those in
-- $1, where a borrower without a first borrowing gets a row of NULLs.  "lookup":
-- each of them is looked up, whatever the planner thinks.
CREATE FUNCTION monitor_query(monitor text, noted boolean, lookup boolean)
	RETURNS text LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	borrowings regclass;
	households regclass;
	credit_reports regclass;
	source text;
	relation text;
	loan_columns text;
	loan_order text;
	house_columns text;
	house_order text;
	verdict CONSTANT text := first_loan.monitor_verdict_arguments(monitor);
	private_as CONSTANT text := quote_literal(first_loan.monitor_parameter(monitor, 'private_as'));
BEGIN
	FOREACH source IN ARRAY '{borrowings,households,credit_reports}'::text[] LOOP
		relation := first_loan.monitor_parameter(monitor, source);
		IF relation IS NOT NULL AND to_regclass(relation) IS NULL THEN
			RAISE EXCEPTION 'relation % does not exist: it is the source "%" of monitor "%"', relation, source, monitor
				USING ERRCODE = 'undefined_table',
					HINT = format('Make it again, or write its new name into %I.definition.', monitor);
		END IF;
		IF source = 'borrowings' THEN borrowings := relation;
		ELSIF source = 'households' THEN households := relation;
		ELSE credit_reports := relation; END IF;
	END LOOP;

	-- Every column of the contract, absent ones as NULL; texts sort by "C" alike on every server.
	SELECT string_agg(e || ' AS ' || quote_ident(c), ', ' ORDER BY n), string_agg(quote_ident(c), ', ' ORDER BY n)
	INTO loan_columns, loan_order
	FROM (
		SELECT n, c, CASE WHEN h.column_name IS NULL THEN format('NULL::%s', t) ELSE format('b.%I::%s', c, t) END
			|| CASE t WHEN 'text' THEN ' COLLATE "C"' ELSE '' END
		FROM unnest('{granted_on,ref,institution,instrument,amount,security,rate,product,area,industry,purpose,credit_line,kind,scale,ownership}'::text[],
			'{date,text,text,text,numeric,text,numeric,text,text,text,text,numeric,text,text,text}'::text[]) WITH ORDINALITY u(c, t, n)
		LEFT JOIN first_loan.monitor_columns(borrowings) h ON h.column_name = c
	) x(n, c, e);
	SELECT string_agg(e || ' AS ' || quote_ident(c), ', ' ORDER BY n), string_agg(quote_ident(c), ', ' ORDER BY n)
	INTO house_columns, house_order
	FROM (
		SELECT n, c, CASE WHEN h.column_name IS NULL THEN format('NULL::%s', t) ELSE format('h.%I::%s', c, t) END
			|| CASE t WHEN 'text' THEN ' COLLATE "C"' ELSE '' END
		FROM unnest('{eligible,kind,scale,ownership,industry,area,persons,revenue,assets}'::text[],
			'{boolean,text,text,text,text,text,integer,numeric,numeric}'::text[]) WITH ORDINALITY u(c, t, n)
		LEFT JOIN first_loan.monitor_columns(households) h ON h.column_name = c
	) x(n, c, e);

	-- loan: what was borrowed on the first day; few borrowers have several rows there.
	RETURN format(CASE WHEN noted AND lookup THEN $f$
WITH loan AS MATERIALIZED (	-- one by one: of an index on borrower and date the first rows are enough
	SELECT n.borrower, l.*
	FROM unnest($1) n(borrower), LATERAL (
		SELECT %2$s FROM %1$s b WHERE b.borrower = n.borrower AND isfinite(b.granted_on)
		ORDER BY granted_on FETCH FIRST 1 ROW WITH TIES
	) l
)$f$ WHEN noted THEN $f$
WITH loan AS MATERIALIZED (
	SELECT l.* FROM (
		SELECT n.borrower, %2$s, min(b.granted_on::date) OVER (PARTITION BY n.borrower) AS day
		FROM unnest($1) n(borrower) JOIN %1$s b ON b.borrower = n.borrower
		WHERE isfinite(b.granted_on)
	) l WHERE l.granted_on = l.day
)$f$ ELSE $f$
WITH day AS (	-- grouped, so that the planner knows it unique, and hashes it
	SELECT m.borrower, min(m.granted_on) AS granted_on
	FROM (
		SELECT first_loan.first_loan_set(b.borrower::text COLLATE "default", b.granted_on::date, 0) FROM %1$s b
	) s(firsts), first_loan.monitor_members(s.firsts) m
	GROUP BY m.borrower
), loan AS MATERIALIZED (
	SELECT d.borrower, %2$s
	FROM day d JOIN %1$s b ON b.borrower = d.borrower AND b.granted_on = d.granted_on
)$f$ END || $f$, tie AS MATERIALIZED (
	SELECT l.borrower, count(DISTINCT l.institution) AS institutions
	FROM (SELECT borrower FROM loan GROUP BY borrower HAVING count(*) > 1) s JOIN loan l ON l.borrower = s.borrower
	GROUP BY l.borrower
), first AS MATERIALIZED (
	SELECT l.*, 1 AS tied FROM loan l WHERE NOT EXISTS (SELECT FROM tie t WHERE t.borrower = l.borrower)
	UNION ALL
	(SELECT DISTINCT ON (l.borrower) l.*, greatest(t.institutions, 1)::integer
	FROM tie t JOIN loan l ON l.borrower = t.borrower ORDER BY l.borrower, %3$s)
), house AS ($f$ || CASE WHEN households IS NULL THEN $f$
	SELECT NULL::text AS borrower, %4$s WHERE false$f$ ELSE $f$
	SELECT DISTINCT ON (n.borrower) n.borrower, %4$s
	FROM %11$s n JOIN %6$s h ON h.borrower = n.borrower
	ORDER BY n.borrower, %5$s$f$ END || $f$
), report AS ($f$ || CASE WHEN credit_reports IS NULL THEN $f$
	SELECT NULL::text AS borrower, NULL::first_loan.credit_report AS report WHERE false$f$ ELSE $f$
	SELECT n.borrower, first_loan.merge(r.report) AS report
	FROM %11$s n JOIN %7$s r ON r.borrower = n.borrower
	GROUP BY n.borrower$f$ END || $f$
), known AS (
	SELECT f.borrower, f.granted_on, f.ref, f.instrument,
		CASE WHEN u.unread IS NULL OR first_loan.monitor_unread(institution => f.institution) IS NULL THEN f.institution END AS institution,
		CASE WHEN u.unread IS NULL OR first_loan.monitor_unread(f.instrument) IS NULL THEN f.instrument END AS readable,
		CASE WHEN u.unread IS NULL OR first_loan.monitor_unread(amount => f.amount) IS NULL THEN f.amount END AS amount,
		CASE WHEN f.security IS NOT NULL THEN first_loan.loan_security(f.security, 'text') END AS security,
		CASE WHEN u.unread IS NULL OR first_loan.monitor_unread(rate => f.rate) IS NULL THEN f.rate END AS rate,
		f.product, CASE WHEN u.unread IS NULL OR first_loan.monitor_unread(area => a.area) IS NULL THEN a.area END AS area,
		i.industry, f.purpose, f.credit_line,
		CASE WHEN k.kind = ANY (%12$L) THEN k.kind::first_loan.borrower_kind
			WHEN k.kind IS NULL AND f.borrower ~ '^9[1-3][0-9A-HJ-NPQRTUWXY]{16}$' THEN first_loan.borrower_kind(f.borrower) END AS kind,
		coalesce(first_loan.enterprise_scale(f.scale), first_loan.enterprise_scale(h.scale),
			first_loan.enterprise_scale(i.readable, CASE WHEN h.persons >= 0 THEN h.persons END,
				CASE WHEN h.revenue >= 0 AND h.revenue <> 'NaN' THEN h.revenue END,
				CASE WHEN h.assets >= 0 AND h.assets <> 'NaN' THEN h.assets END)) AS scale,
		CASE WHEN o.ownership = ANY (%13$L) THEN o.ownership::first_loan.ownership END AS ownership,
		h.eligible, (
			SELECT CASE WHEN c.inclusive THEN f.credit_line <= c.amount ELSE f.credit_line < c.amount END
			FROM %9$I.ceiling c WHERE c.effective_from <= f.granted_on
			ORDER BY c.effective_from DESC LIMIT 1) AS below,
		v.verdict, v.reason, v.borrowed_on, f.tied,
		CASE WHEN h.persons < 0 OR h.revenue < 0 OR h.revenue = 'NaN' OR h.assets < 0 OR h.assets = 'NaN' THEN
			concat_ws('; ', u.unread, 'persons ' || CASE WHEN h.persons < 0 THEN h.persons END,
				'revenue ' || CASE WHEN h.revenue < 0 OR h.revenue = 'NaN' THEN h.revenue END,
				'assets ' || CASE WHEN h.assets < 0 OR h.assets = 'NaN' THEN h.assets END)
			ELSE u.unread END AS unread
	FROM first f
	LEFT JOIN house h ON h.borrower = f.borrower
	LEFT JOIN report r ON r.borrower = f.borrower,
	LATERAL first_loan.first_loan_verdict(f.granted_on, r.report%8$s) v,
	LATERAL (SELECT coalesce(first_loan.monitor_word(f.kind), first_loan.monitor_word(h.kind)) AS kind) k,
	LATERAL (SELECT coalesce(first_loan.monitor_word(f.ownership), first_loan.monitor_word(h.ownership)) AS ownership) o,
	LATERAL (SELECT coalesce(first_loan.monitor_word(f.industry), first_loan.monitor_word(h.industry)) AS industry) w,
	LATERAL (SELECT coalesce(first_loan.monitor_word(f.area), first_loan.monitor_word(h.area)) AS area) a,
	LATERAL (SELECT first_loan.monitor_unread(f.instrument, k.kind, coalesce(first_loan.monitor_word(f.scale), h.scale), o.ownership, w.industry,
		f.institution, a.area, f.amount, f.rate) AS unread OFFSET 0) u,	-- asked once
	LATERAL (SELECT CASE WHEN u.unread IS NULL OR octet_length(w.industry) <= 500 THEN w.industry END AS industry,
		CASE WHEN u.unread IS NULL OR first_loan.monitor_unread(industry => w.industry) IS NULL THEN w.industry END AS readable) i
)
SELECT %14$s.borrower, k.granted_on, k.institution, k.ref, k.instrument, k.amount,
	CASE WHEN k.borrower IS NOT NULL THEN first_loan.loan_class(k.readable, k.security)::text END AS class, k.security::text AS security,
	k.rate, k.product, k.area, k.industry, k.purpose, k.credit_line, k.kind::text AS kind, k.scale::text AS scale, k.ownership::text AS ownership,
	coalesce(k.eligible, first_loan.is_eligible(k.kind, k.scale, k.ownership, %10$s)) AS eligible,
	(k.scale IN ('small', 'micro') OR k.kind IN ('sole_proprietor', 'micro_owner')) AND k.below AS inclusive,
	k.verdict, k.reason AS verdict_reason, k.borrowed_on AS borrowed_before, k.tied AS tied_institutions, k.unread
FROM $f$ || CASE WHEN noted THEN '%11$s n LEFT JOIN known k ON k.borrower = n.borrower' ELSE 'known k' END,
		borrowings, loan_columns, loan_order, house_columns, house_order, households, credit_reports, verdict, monitor, private_as,
		CASE WHEN noted THEN '(SELECT u.borrower FROM unnest($1) u(borrower))' ELSE 'first' END,
		enum_range(NULL::first_loan.borrower_kind), enum_range(NULL::first_loan.ownership), CASE WHEN noted THEN 'n' ELSE 'k' END);
END $$;
COMMENT ON FUNCTION monitor_query(text, boolean, boolean) IS 'the query that makes the rows of the register of a monitor: of all borrowers, or of those in the array $1, perhaps looked up one by one';

-- How many borrowers to look up together, where they are many: so many as the
-- planner finds cheaper to look up in every source than to read a source from
-- end to end, though it knows nothing of what is in memory already.  NULL, all
-- of them and as the planner likes, where a source cannot look up a borrower.
CREATE FUNCTION monitor_batch(monitor text)
	RETURNS integer LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp SET max_parallel_workers_per_gather = 0
	AS $$
DECLARE
	relation regclass;
	one json;
	every json;
	batch float8;
BEGIN
	FOR relation IN
		SELECT to_regclass(first_loan.monitor_parameter(monitor, u.source)) FROM unnest('{borrowings,households,credit_reports}'::text[]) u(source)
	LOOP
		CONTINUE WHEN relation IS NULL;
		EXECUTE format('EXPLAIN (FORMAT json) SELECT s.* FROM %s s WHERE s.borrower = (SELECT NULL::text)', relation) INTO one;
		EXECUTE format('EXPLAIN (FORMAT json) SELECT s.* FROM %s s', relation) INTO every;
		batch := least(batch, (every #>> '{0,Plan,Total Cost}')::float8 / (one #>> '{0,Plan,Total Cost}')::float8 / 4);
	END LOOP;
	RETURN CASE WHEN batch >= 1000 THEN least(batch, 1000000)::integer END;
END $$;
COMMENT ON FUNCTION monitor_batch(text) IS 'how many borrowers refresh() looks up together; NULL: it does not look them up, but joins all';

-- STABLE, so that the notes and the sources are seen as of one moment, that of
-- the calling statement.
CREATE FUNCTION monitor_noted(monitor text, since timestamptz, batch integer)
	RETURNS TABLE (borrower text, granted_on date, institution text, ref text, instrument text, amount numeric,
		class text, security text, rate numeric, product text, area text, industry text, purpose text,
		credit_line numeric, kind text, scale text, ownership text, eligible boolean, inclusive boolean,
		verdict text, verdict_reason text, borrowed_before date, tied_institutions integer, unread text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	notes text;
	translation text;
	noted text[];
	size integer;
	query text;
BEGIN
	notes := format('SELECT c.borrower AS identifier, c.via FROM %1$I.changes c WHERE c.borrower IS NOT NULL
		UNION ALL SELECT upper(btrim(c.borrower)), c.via FROM %1$I.changes c WHERE upper(btrim(c.borrower)) <> c.borrower', monitor);
	EXECUTE format('SELECT string_agg(format('' UNION SELECT t.borrower::text FROM note n JOIN %%s t ON t.identifier = n.identifier WHERE n.via = %%L'',
		to_regclass(v.via), v.via), '''') FROM (SELECT via FROM %1$I.changes INTERSECT SELECT via FROM %1$I.tracked) v WHERE v.via IS NOT NULL', monitor) INTO translation;
	IF since IS NOT NULL THEN
		SELECT concat(translation, string_agg(format(' UNION SELECT s.borrower::text FROM %s s WHERE s.loaded_at >= $1', s.relation), ''))
		INTO translation
		FROM first_loan.monitor_dated_sources(monitor) s(relation);
	END IF;
	-- in order, as the indexes are that are looked up
	EXECUTE format('WITH note AS (%s) SELECT array_agg(DISTINCT x.borrower) FROM (SELECT n.identifier AS borrower FROM note n%s) x WHERE x.borrower IS NOT NULL',
		notes, translation) INTO noted USING since;
	IF noted IS NOT NULL THEN
		query := first_loan.monitor_query(monitor, true, batch IS NOT NULL);
		size := coalesce(batch, cardinality(noted));
		FOR i IN 1 .. cardinality(noted) BY size LOOP
			RETURN QUERY EXECUTE query USING noted[i:i + size - 1];
		END LOOP;
	END IF;
END $$;
COMMENT ON FUNCTION monitor_noted(text, timestamptz, integer) IS 'rows of the register of the borrowers that are noted, or loaded since then; all but borrower is NULL where there is no first borrowing';

CREATE FUNCTION monitor_dated_sources(monitor text)
	RETURNS SETOF regclass LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $$
	SELECT s.relation
	FROM unnest('{borrowings,households,credit_reports}'::text[]) u(source),
		LATERAL (SELECT to_regclass(first_loan.monitor_parameter($1, u.source)) OFFSET 0) s(relation)
	WHERE EXISTS (SELECT FROM first_loan.monitor_columns(s.relation) c WHERE c.column_name = 'loaded_at')$$;
COMMENT ON FUNCTION monitor_dated_sources(text) IS 'sources of a monitor with a column loaded_at';

-- Why notes do not tell all that has changed; NULL if they do.
CREATE FUNCTION monitor_gap(monitor text)
	RETURNS text LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format($f$
		WITH tree AS (
			SELECT DISTINCT t.source, m::text AS relation, t.borrower_column, t.via
			FROM %1$I.tracked t LEFT JOIN LATERAL first_loan.monitor_tree(to_regclass(t.source)) m ON true
		), working AS (
			SELECT relation, arguments FROM first_loan.monitor_triggers(%1$L) WHERE enabled
			GROUP BY relation, arguments HAVING count(*) = 4
		)
		SELECT CASE
			WHEN x.source IS NULL THEN format('tracked table %%s is gone', y.relation)
			WHEN x.relation IS NULL THEN format('tracked table %%s is gone', x.source)
			WHEN y.relation IS NULL THEN format('partition %%s is not tracked', x.relation)
			ELSE format('a trigger on %%s is gone or disabled', x.relation) END
		FROM tree x FULL JOIN %1$I.tracked y
			ON (x.source, x.relation, x.borrower_column, coalesce(x.via, '')) = (y.source, y.relation, y.borrower_column, coalesce(y.via, ''))
		LEFT JOIN working w ON w.relation = to_regclass(x.relation)
			AND w.arguments = convert_to(%1$L, getdatabaseencoding()) || '\x00' || convert_to(x.borrower_column, getdatabaseencoding()) || '\x00'
				|| coalesce(convert_to(x.via, getdatabaseencoding()) || '\x00', '')
		WHERE x.source IS NULL OR x.relation IS NULL OR y.relation IS NULL OR w.relation IS NULL
		LIMIT 1$f$, monitor) INTO result;
	RETURN result;
END $$;
COMMENT ON FUNCTION monitor_gap(text) IS 'why the notes of a monitor do not tell everything that has changed; NULL if they do';

CREATE FUNCTION refresh(monitor text, "full" boolean DEFAULT false, since timestamptz DEFAULT NULL)
	RETURNS bigint LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp SET jit = off
	AS $$
DECLARE
	started CONSTANT timestamptz := clock_timestamp();
	gap text;
	tracks boolean := false;
	notes bigint;
	everything boolean;
	kind text;
	fresh text;
	listed text;
	compared text;
	nestloop CONSTANT text := current_setting('enable_nestloop');
	mergejoin CONSTANT text := current_setting('enable_mergejoin');
	counts bigint[];
	unread text;
	size bigint;
BEGIN
	PERFORM first_loan.monitor_parameter(monitor, NULL);
	IF since IS NOT NULL AND NOT EXISTS (SELECT FROM first_loan.monitor_dated_sources(monitor)) THEN
		RAISE EXCEPTION 'no source of monitor "%" tells when its rows were loaded', monitor
			USING ERRCODE = 'undefined_column', HINT = 'Add a column loaded_at to borrowings, households or credit_reports.';
	END IF;

	-- One refresh at a time.  A row that is written, so that a waiting one whose
	-- snapshot is older than the other's end fails instead of missing it.
	EXECUTE format('UPDATE %I.state SET refreshed_at = $1', monitor) USING started;

	everything := coalesce("full", false);
	IF NOT everything THEN
		EXECUTE format('SELECT count(*), count(*) FILTER (WHERE borrower IS NULL) > 0 OR EXISTS (
				SELECT FROM (SELECT DISTINCT via FROM %1$I.changes WHERE via IS NOT NULL) v
				WHERE CASE WHEN EXISTS (SELECT FROM %1$I.tracked t WHERE t.via = v.via) THEN to_regclass(v.via) IS NULL ELSE true END),
				(SELECT reltuples FROM pg_class WHERE oid = $1) FROM %1$I.changes', monitor)
			INTO notes, everything, size USING format('%I.register', monitor)::regclass;
		everything := everything OR notes > 100000 AND notes > size / 4;
		EXECUTE format('SELECT EXISTS (SELECT FROM %I.tracked)', monitor) INTO tracks;
		IF NOT tracks THEN
			everything := everything OR since IS NULL;
		ELSE
			gap := first_loan.monitor_gap(monitor);
			IF gap IS NOT NULL THEN
				RAISE WARNING 'the changes of monitor "%" are not all noted: everything is looked at', monitor
					USING DETAIL = gap, HINT = 'Call first_loan.track() again for the table.';
				everything := true;
			END IF;
		END IF;
	END IF;

	SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
		string_agg('r.' || quote_ident(a.attname), ', ' ORDER BY a.attnum)
	INTO listed, compared
	FROM pg_attribute a
	WHERE a.attrelid = format('%I.register', monitor)::regclass AND a.attnum > 1 AND NOT a.attisdropped
		AND a.attname <> 'refreshed_at';
	kind := CASE WHEN everything THEN 'full' WHEN since IS NOT NULL THEN 'since' ELSE 'noted' END;
	fresh := CASE WHEN everything THEN first_loan.monitor_query(monitor, false, false)
		ELSE format('SELECT * FROM first_loan.monitor_noted(%L, $1, %L)', monitor, first_loan.monitor_batch(monitor)) END;

	-- Of everything, not by index; the planner cannot know how many borrowers there are.
	PERFORM set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true) WHERE everything;
	-- The notes go in the same statement, hence those alone that it has seen.
	EXECUTE format($f$
		WITH note AS (
			DELETE FROM %1$I.changes WHERE %2$s
		), fresh AS MATERIALIZED (
			SELECT f.*, r.ctid AS place, (%7$s) IS DISTINCT FROM (%6$s) AS differs
			FROM (%3$s) f LEFT JOIN %1$I.register r ON r.borrower = f.borrower
		), gone AS (
			DELETE FROM %1$I.register r
			WHERE %4$s
			RETURNING 1
		), changed AS (
			UPDATE %1$I.register r SET (%5$s, refreshed_at) = ROW (%6$s, $2)
			FROM fresh f
			WHERE r.ctid = f.place AND f.granted_on IS NOT NULL AND f.differs
			RETURNING 1
		), new AS (
			INSERT INTO %1$I.register (borrower, %5$s, refreshed_at)
			SELECT f.borrower, %6$s, $2 FROM fresh f
			WHERE f.granted_on IS NOT NULL AND f.place IS NULL
			RETURNING 1
		)
		SELECT ARRAY[(SELECT count(*) FROM fresh), (SELECT count(*) FROM new), (SELECT count(*) FROM changed), (SELECT count(*) FROM gone),
				(SELECT count(*) FROM fresh f WHERE f.unread IS NOT NULL)],
			(SELECT string_agg(format('%%s: %%s', x.borrower, x.unread), E'\n')
			FROM (SELECT f.borrower, f.unread FROM fresh f WHERE f.unread IS NOT NULL ORDER BY f.borrower COLLATE "C" LIMIT 5) x)$f$,
		monitor, CASE WHEN everything THEN 'true' ELSE 'borrower IS NOT NULL' END, fresh,
		CASE WHEN everything THEN 'NOT EXISTS (SELECT FROM fresh f WHERE f.borrower = r.borrower)'
			ELSE 'r.borrower IN (SELECT f.borrower FROM fresh f WHERE f.granted_on IS NULL)' END,
		listed, replace(compared, 'r.', 'f.'), compared)
		INTO counts, unread USING since, started;
	PERFORM set_config('enable_nestloop', nestloop, true), set_config('enable_mergejoin', mergejoin, true);
	EXECUTE format('INSERT INTO %I.refreshes (started_at, finished_at, kind, borrowers, inserted, updated, deleted)
		VALUES ($1, $2, $3, $4[1], $4[2], $4[3], $4[4])', monitor) USING started, clock_timestamp(), kind, counts;
	IF everything AND tracks AND EXISTS (SELECT FROM first_loan.untracked(monitor)) THEN
		RAISE NOTICE 'not everything behind the sources of monitor "%" is tracked', monitor
			USING DETAIL = (SELECT string_agg(u, ', ') FROM first_loan.untracked(monitor) u),
				HINT = 'After these have changed call first_loan.refresh(monitor, full => true).';
	END IF;
	IF counts[5] > 0 THEN
		RAISE WARNING 'codes of % borrowers of monitor "%" are not understood and taken as unknown', counts[5], monitor
			USING DETAIL = unread || CASE WHEN counts[5] > 5 THEN E'\n...' ELSE '' END,
				HINT = format('Translate them in the source. SELECT borrower, unread FROM %I.register WHERE unread IS NOT NULL lists them all.', monitor);
	END IF;
	IF everything AND counts[2] + counts[4] > 1000 THEN
		EXECUTE format('ANALYZE %I.register', monitor);
	END IF;
	RETURN counts[2] + counts[3] + counts[4];
END $$;
COMMENT ON FUNCTION refresh(text, boolean, timestamptz) IS 'brings the register of a monitor up to date and returns the number of rows changed: looks at the borrowers noted by track(), at those loaded since a moment, or at everything';
