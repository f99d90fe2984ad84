package dev.hindsight.operations.run;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who writes a catalogue entry, for people: run, host, process. */
public final class Writer {
    private Writer() {}

    public static String describe(String run) {
        return run + "@" + host() + "/" + ProcessHandle.current().pid();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host";
        }
    }
}
