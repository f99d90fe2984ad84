package dev.hindsight.trials.chain;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Silences the product, which says what failed, as it should, thousands of times. */
final class Quiet {
    private static final Logger PRODUCT = (Logger) LoggerFactory.getLogger("dev.hindsight");
    private static final Level BEFORE = PRODUCT.getLevel();

    private Quiet() {}

    static void begin() {
        PRODUCT.setLevel(Level.OFF);
    }

    static void end() {
        PRODUCT.setLevel(BEFORE);
    }
}
