-- When a phrase came in, site by site: after one date and not later than the other
SELECT domain, arg_min(changed_after, timestamp)::DATE AS after, min(archived_on) AS seen_on,
    arg_min(snapshot_url, timestamp) AS snapshot_url
FROM policies WHERE contains(lower(text), 'legitimate interest')
GROUP BY domain, policy_id ORDER BY seen_on
