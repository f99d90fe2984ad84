package dev.hindsight.model.failpoint;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.NotAppliedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailpointsTest {
    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    @Test
    void firesOnceAtTheCountThatWasAsked() {
        Failpoints.arm("object.put.before=error@2");

        assertThatCode(() -> Failpoints.hit(Failpoint.OBJECT_PUT_BEFORE)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Failpoints.hit(Failpoint.OBJECT_PUT_BEFORE))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("object.put.before");
        assertThatCode(() -> Failpoints.hit(Failpoint.OBJECT_PUT_BEFORE)).doesNotThrowAnyException();
    }

    @Test
    void refusesNamesThatDoNotExist() {
        assertThatThrownBy(() -> Failpoints.arm("no.such=crash")).hasMessageContaining("no.such");
    }
}
