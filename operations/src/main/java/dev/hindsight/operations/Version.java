package dev.hindsight.operations;

import java.util.Optional;

/** This build's name, as written into what it makes. */
public final class Version {
    private Version() {}

    public static String text() {
        return "hindsight "
                + Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                        .orElse("0.1.0-SNAPSHOT");
    }
}
