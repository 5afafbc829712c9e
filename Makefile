EXTENSION = first_loan
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" first_loan.control)

MODULE_big = first_loan
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
LOCAL_HEADERS = $(wildcard src/*.h)

# The install script is one SQL truth, assembled from a part per topic.
BASE_SQL = sql/$(EXTENSION)--$(EXTVERSION).sql
PARTS = $(sort $(wildcard sql/install/*.sql))
DATA = $(filter-out $(BASE_SQL),$(wildcard sql/$(EXTENSION)--*--*.sql))
DATA_built = $(BASE_SQL)

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=test/results --load-extension=$(EXTENSION)
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=test/results --load-extension=$(EXTENSION)
EXTRA_CLEAN = test/results

# No warning is let through where CI or a developer asks: make WERROR=1
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-cast-function-type \
	$(if $(findstring clang,$(CC)),-Wno-ignored-optimization-argument \
		-Wno-unknown-warning-option -Wno-ignored-attributes) \
	$(if $(WERROR),-Werror)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(LOCAL_HEADERS)

$(BASE_SQL): $(PARTS)
	cat $^ > $@
