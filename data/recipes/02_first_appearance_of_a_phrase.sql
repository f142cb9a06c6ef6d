-- When a phrase came in, site by site: after one date (null: it was there first) and not later than the other
SELECT domain, arg_min_null(changed_after, timestamp)::DATE AS after, min(archived_on) AS seen_on,
    arg_min(snapshot_url, timestamp) AS snapshot_url
FROM policies WHERE contains(lower(text), 'legitimate interest')
GROUP BY domain, archive, policy_id, language ORDER BY seen_on
