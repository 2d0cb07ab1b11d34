module godwit.test/amqp091

go 1.26.0

toolchain go1.26.8

require (
	github.com/rabbitmq/amqp091-go v1.16.0
	godwit.test/lib v0.0.0
)

replace godwit.test/lib => ../lib/go
