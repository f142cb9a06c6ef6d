"""Every setting of the project; override with `-s NAME=VALUE`."""

import os

from crawler import __version__

BOT_NAME = "policy-history"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# Where the corpus is written.
DUCKDB_PATH = "data/policies.duckdb"
# Set by `scrapy cluster crawl` for the crawls it starts: the run's identity (its start, where there
# is none), whether it ends with its standard input, and the Dask scheduler that has the allowance.
RUN_ID = ""
END_WITH_INPUT = False
ALLOWANCE_SCHEDULER = ""
# Results are committed when there are this many, or at the latest after this many seconds.
STORE_BATCH = 150
STORE_SECONDS = 10.0
# A run writes a copy, and lets readers see it after so many seconds at the earliest.
PUBLISH_SECONDS = 60.0
# Fetched pages are kept in WARC files beside it, so that `scrapy reextract` needs no archive.
KEEP_PAGES = True
# A feed that `scrapy feed` writes has at most so many entries.
ATOM_ENTRIES = 100

# The Wayback Machine: 80 % of its limits of June 2026 (30 index queries, 600 pages a minute).
WAYBACK_BASE_URL = "https://web.archive.org"
WAYBACK_CDX_RATE = 24.0
WAYBACK_PAGE_RATE = 480.0
CDX_PAGE_SIZE = 10_000
# Any pywb collection on the network: 80 % of Arquivo.pt's limits.
ARCHIVE_CDX_RATE = 200.0
ARCHIVE_PAGE_RATE = 320.0
# Index queries and pages a minute of the archives that have a name. Arquivo.pt: 80 % of its limits,
# beyond which it blocks for good. Common Crawl names no limit: 80 % of what cdx_toolkit, by its
# staff, allows itself. Of the others nothing is known: 80 % of the strictest limits of any.
ARCHIVE_RATES = {
    "arquivo": (200.0, 320.0),
    "ukwa": (24.0, 320.0),
    "archive-it": (24.0, 320.0),
    "commoncrawl": (48.0, 87.0),
    "timemap": (24.0, 320.0),
}
ARCHIVE_IT_URL = "https://wayback.archive-it.org"
COMMONCRAWL_INDEX_URL = "https://index.commoncrawl.org"
COMMONCRAWL_DATA_URL = "https://data.commoncrawl.org"
USER_AGENT = f"policy-history/{__version__} (privacy policy research; a Scrapy crawler)"
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 4
CONCURRENT_ITEMS = 4  # of one response, which gives one; Scrapy starts as many tasks for each
DOWNLOAD_TIMEOUT = 120.0
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# Policies are listed while fewer captures than this wait to be fetched.
LISTING_AHEAD = 500

# What the archive does wrong.
RETRY_TIMES = 6
RETRY_WAIT = 2.0
RETRY_WAIT_MAX = 120.0
ARCHIVE_PAUSE = 60.0
# For how long (seconds) an archive may refuse a request before it is given up.
ARCHIVE_PATIENCE = 24 * 3600.0
# How far (seconds) the capture served may lie from the one asked for.
MEMENTO_WINDOW = 24 * 3600.0
REDIRECT_MAX_TIMES = 8
# What an archive lists and cannot play is not asked for again before so many days have passed.
UNPLAYABLE_DAYS = 7.0

# Of a site without an address in the domain list: the most requests that look for its policy.
DISCOVER_REQUESTS = 12

# Extraction: processes, seconds and megabytes a page may take.
EXTRACT_WORKERS = os.cpu_count() or 1
EXTRACT_TIMEOUT = 30.0
EXTRACT_MEMORY = 2048

# A text whose `policy_score` is lower is no privacy policy; 0 lets everything through. Chosen by
# cross-validation (tests/benchmarks/train_judge.py): precision .992 at recall .973.
POLICY_THRESHOLD = 0.72

ITEM_PIPELINES = {
    "pipelines.stages.KeepPipeline": 50,
    "pipelines.stages.ExtractPipeline": 100,
    "pipelines.stages.JudgePipeline": 200,
    "pipelines.stages.StorePipeline": 300,
}
DOWNLOADER_MIDDLEWARES = {
    # crawler.replay.body decodes, for HTTP and WARC files alike
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.middlewares.politeness.PolitenessMiddleware": 550,
}
DEFAULT_REQUEST_HEADERS = {"Accept-Encoding": "gzip, deflate, br"}
# With HTTPCACHE_ENABLED: only what an archive has captured, never its own troubles.
HTTPCACHE_POLICY = "crawler.middlewares.cache.MementoPolicy"
DOWNLOAD_HANDLERS = {
    "http": "crawler.handlers.http.OnceDownloadHandler",
    "https": "crawler.handlers.http.OnceDownloadHandler",
    "warc": "crawler.handlers.warc.WarcDownloadHandler",
    "commoncrawl": "crawler.handlers.common_crawl.CommonCrawlDownloadHandler",
}
# With JOBDIR: the corpus knows what is missing; requests kept beside it would be made twice.
SCHEDULER_DISK_QUEUE = "scrapy.squeues.LifoMemoryQueue"
EXTENSIONS = {
    "crawler.extensions.progress.Progress": 0,
    "crawler.extensions.status.Status": 0,
    "scrapy.extensions.logstats.LogStats": None,  # Progress says it better
}

# Redirects are followed by the spider, inside the archive only.
REDIRECT_ENABLED = False
HTTPERROR_ALLOW_ALL = True
METAREFRESH_ENABLED = False
# These are an archive's services; what a site's robots.txt said is the archive's to apply.
ROBOTSTXT_OBEY = False
COOKIES_ENABLED = False
# Nothing listens on a port unless asked for.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
STATS_DUMP = False
LOG_LEVEL = "INFO"
# Archived addresses can be long; none may be dropped without an outcome.
URLLENGTH_LIMIT = 0
REFERER_ENABLED = False
