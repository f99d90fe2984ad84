package dev.hindsight.agent.capture;

import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.journal.CaptureItem;

/** Takes what is read in the commit log. */
interface LogSink {
    /** Whether frames are taken now. Other items always are. */
    boolean room();

    void add(CaptureItem item);

    void frames(long segmentId, int segmentVersion, Observation observation, Frames frames);

    /** All that was read up to where the segments are has been given: an object may end here. */
    void checkpoint();
}
