package dev.hindsight.agent.api;

/** @param importedSSTables how many the node took over from staging; 0 when an earlier call had already done so */
public record ImportResult(ImportTarget target, int importedSSTables) {}
