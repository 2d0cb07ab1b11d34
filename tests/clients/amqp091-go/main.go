// What users of amqp091-go rely on.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	. "godwit.test/lib/checks"
)

var url = "amqp://guest:guest@" + os.Getenv("GODWIT_AMQP") + "/"

func dial() *amqp.Connection { return Got(amqp.Dial(url)) }

func publish(channel *amqp.Channel, exchange, key string, message amqp.Publishing) {
	Must(channel.PublishWithContext(context.Background(), exchange, key, false, false, message))
}

func confirmed(channel *amqp.Channel, exchange, key string, message amqp.Publishing) bool {
	answer := Got(channel.PublishWithDeferredConfirm(exchange, key, false, false, message))
	return answer.Wait()
}

// code is the reply code with which the broker refuses action, done on a channel of its own; 0 if it does not.
func code(connection *amqp.Connection, action func(*amqp.Channel) error) int {
	channel := Got(connection.Channel())
	closed := channel.NotifyClose(make(chan *amqp.Error, 1))
	var refused *amqp.Error
	if errors.As(action(channel), &refused) && refused.Code != amqp.ChannelError {
		return refused.Code
	}
	select {
	case refused = <-closed:
		if refused != nil {
			return refused.Code
		}
	case <-time.After(3 * time.Second):
	}
	return 0
}

func properties() {
	connection := dial()
	defer connection.Close()
	channel, queue := Got(connection.Channel()), Unique("go.properties")
	Got(channel.QueueDeclare(queue, true, false, false, false, nil))
	when := time.Unix(1750000000, 0)
	headers := amqp.Table{
		"text": "grüße", "yes": true, "i8": int8(-3), "i16": int16(-300), "i32": int32(70000), "i64": int64(1) << 40,
		"f32": float32(1.5), "f64": 2.25, "when": when, "bytes": []byte{0, 255}, "nothing": nil,
		"decimal": amqp.Decimal{Scale: 2, Value: 1234}, "list": []any{int32(1), "two"}, "table": amqp.Table{"inner": int32(1)},
	}
	sent := amqp.Publishing{Headers: headers, ContentType: "text/plain", ContentEncoding: "utf-8", DeliveryMode: amqp.Persistent,
		Priority: 6, CorrelationId: "c", ReplyTo: "r", Expiration: "60000", MessageId: "m", Timestamp: when, Type: "t",
		UserId: "guest", AppId: "a", Body: []byte{0, 255, 10}}
	Must(channel.Confirm(false))
	Check("publish is confirmed", confirmed(channel, "", queue, sent))
	got, ok, err := channel.Get(queue, true)
	Must(err)
	Check("basic.get finds it", ok)
	Equal("body is binary-safe", got.Body, sent.Body)
	Equal("properties", fmt.Sprint(got.ContentType, got.ContentEncoding, got.DeliveryMode, got.Priority, got.CorrelationId,
		got.ReplyTo, got.Expiration, got.MessageId, got.Timestamp.Unix(), got.Type, got.UserId, got.AppId),
		fmt.Sprint(sent.ContentType, sent.ContentEncoding, sent.DeliveryMode, sent.Priority, sent.CorrelationId,
			sent.ReplyTo, sent.Expiration, sent.MessageId, sent.Timestamp.Unix(), sent.Type, sent.UserId, sent.AppId))
	for name, value := range headers {
		if name == "when" {
			Check("header when", got.Headers[name].(time.Time).Equal(when), got.Headers[name])
			continue
		}
		Equal("header "+name, got.Headers[name], value)
	}
	Got(channel.QueueDelete(queue, false, false, false))
}

func confirms() {
	connection := dial()
	defer connection.Close()
	channel, queue := Got(connection.Channel()), Unique("go.confirms")
	Got(channel.QueueDeclare(queue, true, false, false, false, nil))
	Must(channel.Confirm(false))
	returns := channel.NotifyReturn(make(chan amqp.Return, 1))
	var answers []*amqp.DeferredConfirmation
	for number := range 1000 {
		answers = append(answers, Got(channel.PublishWithDeferredConfirm("", queue, false, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(strconv.Itoa(number))})))
	}
	acked := 0
	for _, answer := range answers {
		if answer.Wait() {
			acked++
		}
	}
	Equal("1,000 publishes are confirmed", acked, 1000)
	Equal("a passive declare counts them", Got(channel.QueueDeclarePassive(queue, true, false, false, false, nil)).Messages, 1000)
	lost := Got(channel.PublishWithDeferredConfirm("", Unique("go.nowhere"), true, false, amqp.Publishing{Body: []byte("lost")}))
	back := <-returns
	Equal("a mandatory publish comes back", fmt.Sprint(back.ReplyCode, string(back.Body)), "312lost")
	Check("and is acked", lost.Wait())
	full := Unique("go.full")
	Got(channel.QueueDeclare(full, true, false, false, false, amqp.Table{"x-max-length": 1, "x-overflow": "reject-publish"}))
	Check("a publish that fits is acked", confirmed(channel, "", full, amqp.Publishing{}))
	Check("a publish to a full queue is nacked", !confirmed(channel, "", full, amqp.Publishing{}))
	Equal("purge counts", Got(channel.QueuePurge(queue, false)), 1000)
	Got(channel.QueueDelete(full, false, false, false))
	Got(channel.QueueDelete(queue, false, false, false))
}

func consuming() {
	connection := dial()
	defer connection.Close()
	channel, queue := Got(connection.Channel()), Unique("go.work")
	Got(channel.QueueDeclare(queue, true, false, false, false, nil))
	Must(channel.Confirm(false))
	var total atomic.Int32
	var seen sync.Map
	for range 3 {
		worker := Got(connection.Channel())
		Must(worker.Qos(7, 0, false))
		deliveries := Got(worker.Consume(queue, "", false, false, false, false, nil))
		go func() {
			for delivery := range deliveries {
				seen.Store(string(delivery.Body), true)
				total.Add(1)
				Must(delivery.Ack(false))
			}
		}()
	}
	for number := range 999 {
		publish(channel, "", queue, amqp.Publishing{Body: []byte(strconv.Itoa(number))})
	}
	Check("three consumers work off 999 messages", Eventually(15*time.Second, func() bool { return total.Load() >= 999 }), total.Load())
	distinct := 0
	seen.Range(func(any, any) bool { distinct++; return true })
	Equal("each exactly once", distinct, 999)
	cancelled := make(chan string, 1)
	doomed := Got(connection.Channel())
	doomed.NotifyCancel(cancelled)
	other := Got(doomed.QueueDeclare(Unique("go.doomed"), true, false, false, false, nil)).Name
	Got(doomed.Consume(other, "tag", false, false, false, false, nil))
	Got(channel.QueueDelete(other, false, false, false))
	select {
	case tag := <-cancelled:
		Equal("a deleted queue cancels its consumer", tag, "tag")
	case <-time.After(5 * time.Second):
		Check("a deleted queue cancels its consumer", false, "no cancel")
	}
	held := Got(connection.Channel())
	Got(held.QueueDeclare(other, true, false, false, false, nil))
	for number := range 10 {
		Must(held.Publish("", other, false, false, amqp.Publishing{Body: []byte{byte(number)}}))
	}
	Must(held.Qos(3, 0, false))
	deliveries := Got(held.Consume(other, "", false, false, false, false, nil))
	last := amqp.Delivery{}
	for range 3 {
		last = <-deliveries
	}
	select {
	case <-deliveries:
		Check("prefetch 3 delivers three", false, "a fourth")
	case <-time.After(300 * time.Millisecond):
		Check("prefetch 3 delivers three", true)
	}
	Must(last.Nack(true, true))
	again := <-deliveries
	Check("nack multiple redelivers in order", again.Redelivered && again.Body[0] == 0, again.Redelivered, again.Body)
	Must(held.Close())
	Got(channel.QueueDelete(other, false, false, false))
	Got(channel.QueueDelete(queue, false, false, false))
}

func routing() {
	connection := dial()
	defer connection.Close()
	channel := Got(connection.Channel())
	Must(channel.Confirm(false))
	for _, each := range []struct{ kind, pattern, key, miss string }{
		{"direct", "k", "k", "K"}, {"fanout", "", "any", ""}, {"topic", "#.c", "a.b.c", "c.a"}, {"headers", "", "", "x"},
	} {
		exchange, queue := Unique("go."+each.kind), Got(channel.QueueDeclare("", false, true, true, false, nil)).Name
		Must(channel.ExchangeDeclare(exchange, each.kind, false, false, false, false, nil))
		Must(channel.QueueBind(queue, each.pattern, exchange, false, amqp.Table{"x-match": "all", "n": int32(1)}))
		arrives := func(key string, headers amqp.Table) bool {
			confirmed(channel, exchange, key, amqp.Publishing{Headers: headers})
			_, ok, err := channel.Get(queue, true)
			Must(err)
			return ok
		}
		Check(each.kind+": what matches arrives", arrives(each.key, amqp.Table{"n": int32(1)}))
		if each.miss != "" {
			Check(each.kind+": what does not, does not", !arrives(each.miss, amqp.Table{"n": int32(2)}))
		}
		Must(channel.ExchangeDelete(exchange, false, false))
	}
}

func refusals() {
	connection := dial()
	defer connection.Close()
	queue := Unique("go.errors")
	owner := Got(connection.Channel())
	Got(owner.QueueDeclare(queue, true, false, false, false, nil))
	declare := func(name string, durable bool, arguments amqp.Table) func(*amqp.Channel) error {
		return func(channel *amqp.Channel) error {
			_, err := channel.QueueDeclare(name, durable, false, false, false, arguments)
			return err
		}
	}
	Equal("passive declare of a missing queue is 404", code(connection, func(c *amqp.Channel) error {
		_, err := c.QueueDeclarePassive(Unique("none"), true, false, false, false, nil)
		return err
	}), 404)
	Equal("redeclare otherwise is 406", code(connection, declare(queue, false, nil)), 406)
	Equal("redeclare with arguments is 406", code(connection, declare(queue, true, amqp.Table{"x-message-ttl": int32(9)})), 406)
	Equal("a reserved name is 403", code(connection, declare("amq.own", true, nil)), 403)
	Equal("an unknown delivery tag is 406", code(connection, func(c *amqp.Channel) error { return c.Ack(7, false) }), 406)
	Equal("publish to a missing exchange is 404", code(connection, func(c *amqp.Channel) error {
		return c.Publish(Unique("none"), "k", false, false, amqp.Publishing{})
	}), 404)
	Check("the connection survives", !connection.IsClosed() && !owner.IsClosed())
	mine := Got(owner.QueueDeclare("", false, true, true, false, nil)).Name
	other := dial()
	Equal("exclusive elsewhere is 405", code(other, func(c *amqp.Channel) error {
		_, err := c.QueueDeclarePassive(mine, false, true, true, false, nil)
		return err
	}), 405)
	Must(other.Close())
	_, err := amqp.Dial("amqp://guest:wrong@" + os.Getenv("GODWIT_AMQP") + "/")
	var refused *amqp.Error
	Check("a wrong password is refused with 403", errors.As(err, &refused) && refused.Code == 403, err)
	Got(owner.QueueDelete(queue, false, false, false))
	idle := Got(amqp.DialConfig(url, amqp.Config{Heartbeat: time.Second}))
	time.Sleep(3500 * time.Millisecond)
	Check("an idle connection lives on heartbeats", !idle.IsClosed())
	Must(idle.Close())
}

func restart() {
	connection := dial()
	queue := Unique("go.restart")
	Got(Got(connection.Channel()).QueueDeclare(queue, true, false, false, false, nil))
	Must(connection.Close())
	var acked sync.Map
	var count, number atomic.Int64
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
			connection, err := amqp.Dial(url)
			if err != nil {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			publishUntilLost(connection, queue, &number, &stop, func(one int64) {
				acked.Store(one, true)
				count.Add(1)
			})
			connection.Close()
		}
	}()
	Eventually(10*time.Second, func() bool { return count.Load() > 200 })
	RestartBroker()
	before := count.Load()
	Check("publishing goes on after the restart", Eventually(30*time.Second, func() bool { return count.Load() > before+200 }))
	stop.Store(true)
	<-done
	connection = dial()
	defer connection.Close()
	channel := Got(connection.Channel())
	got, order, previous := map[int64]bool{}, true, int64(0)
	for {
		delivery, ok, err := channel.Get(queue, true)
		Must(err)
		if !ok {
			break
		}
		one := Got(strconv.ParseInt(string(delivery.Body), 10, 64))
		order, previous, got[one] = order && one > previous, one, true
	}
	missing := 0
	acked.Range(func(one, _ any) bool {
		if !got[one.(int64)] {
			missing++
		}
		return true
	})
	Equal("nothing confirmed is lost", missing, 0)
	Check("order is kept across the restart", order)
	Got(channel.QueueDelete(queue, false, false, false))
}

func publishUntilLost(connection *amqp.Connection, queue string, number *atomic.Int64, stop *atomic.Bool, acked func(int64)) {
	channel, err := connection.Channel()
	if err != nil || channel.Confirm(false) != nil {
		return
	}
	for !stop.Load() {
		one := number.Add(1)
		answer, err := channel.PublishWithDeferredConfirm("", queue, false, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(strconv.FormatInt(one, 10))})
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		ok, err := answer.WaitContext(ctx)
		cancel()
		if err != nil || !ok {
			return
		}
		acked(one)
	}
}

func main() {
	Limit(150 * time.Second)
	Section("properties", properties)
	Section("confirms", confirms)
	Section("consuming", consuming)
	Section("routing", routing)
	Section("refusals", refusals)
	Section("restart", restart)
	Finish()
}
