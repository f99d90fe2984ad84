/**
 * Continuous capture of the node's commit log. {@link dev.hindsight.agent.capture.LogTail} reads frames as they become readable
 * and keeps those of the captured keyspaces; {@link dev.hindsight.agent.capture.CaptureRun} gathers them into numbered objects
 * in the {@link dev.hindsight.agent.capture.Spool}, each with the state that holds behind it; {@link
 * dev.hindsight.agent.capture.Uploads} puts them into the repository, in order; {@link dev.hindsight.agent.capture.Capture} is
 * all of it with its threads. Nothing is decoded here. {@link dev.hindsight.agent.capture.OutsideWatch} looks for data that come
 * past the log, and {@link dev.hindsight.agent.capture.Arrivals} gives them to the run.
 */
@NullMarked
package dev.hindsight.agent.capture;

import org.jspecify.annotations.NullMarked;
