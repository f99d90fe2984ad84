package dev.hindsight.agent.api;

/**
 * @param importedSSTables how many the node took over from staging; where nothing was left there, how many an earlier call
 *     had given it, as far as the agent remembers
 */
public record ImportResult(ImportTarget target, int importedSSTables) {}
