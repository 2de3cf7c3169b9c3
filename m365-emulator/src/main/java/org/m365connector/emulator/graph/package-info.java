/**
 * Microsoft Graph, as far as it is emulated.
 *
 * <p>{@code GraphRoutes} puts the parts together; {@code protocol} is the front (tokens, paths, permissions, query options,
 * errors); {@code mail}, {@code contacts}, {@code calendar}, {@code drives}, {@code teams}, {@code chats}, {@code users} and {@code subscriptions} are the workloads; {@code change} carries
 * every version from these to {@code truth} and to the subscriptions; {@code delta} and {@code throttling} serve all of them, {@code transfer} holds the addresses of uploads and downloads.
 * Numbers and tempers are {@code switches}: the section {@code graph} of {@code limits.json}.
 *
 * <h2>The control door</h2>
 *
 * <pre>
 * POST   /_emulator/activity       somebody in Microsoft 365 does something, see {@code Activity}
 * GET    /_emulator/truth?resource=users/{user}/mailFolders/{folder}/messages
 * GET    /_emulator/truth?resource=teams/{team}/channels/{channel}/messages, chats/{chat}/messages, users/{user}[/calendars/{calendar}]/events,
 *        users/{user}/contacts, users/{user}/drive
 *        {resource, versions: [{id, immutableId?, replyToId?, type, etag?, occurrences?, at}], present: [id]}, ids or names in the resource
 * POST   /_emulator/notifications  {drop?, duplicate?, reorder?, delayMs?, probability?, times?, pause?,
 *                                  lifecycle?: {event: "missed", subscriptionId?}}: sets what is named
 * GET    /_emulator/notifications  {faults, subscriptions, waiting, retrying, endpoints, log: [{at, url, attempt, outcome, items}]}
 * DELETE /_emulator/notifications  no faults any more
 * POST   /_emulator/graph          switches while it runs: {"throttling": {"enabled": false}}; GET shows, DELETE resets them
 * DELETE /_emulator/delta          every delta and skip token given out so far is answered 410
 * </pre>
 */
package org.m365connector.emulator.graph;
